"""Reads the bytes of files and names them by their digests, each only once."""
