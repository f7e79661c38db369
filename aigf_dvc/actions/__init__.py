"""The public Python API: one verb per file."""
