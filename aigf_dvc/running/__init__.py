"""Runs DVC: its stages observed as they run, or in a clean clone."""
