"""The git program and the objects of a repository, read so that nothing in it can interfere."""
