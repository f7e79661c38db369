"""Verifiers that share no code with this project, to hold its bundles against."""
