"""Tells whether one policy is at least as strict as another; pure functions."""
