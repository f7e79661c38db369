"""From git, DVC's files and the workspace to evidence."""
