"""DVC projects of every shape, made with real DVC and git, and read as they are."""
