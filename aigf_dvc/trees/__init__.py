"""A tree of files as it is read: the working tree, a commit, or one that notes what was read."""
