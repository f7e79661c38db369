"""Policies, their rules and the verdict; pure functions."""
