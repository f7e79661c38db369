"""Lint: what a policy says that loads, and is probably not what its author meant."""
