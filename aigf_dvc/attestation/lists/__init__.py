"""Signed lists about attestations: what is revoked, and which model each environment should run."""
