"""Container images: which files are in one, by their SHA-256, once all its layers are applied."""
