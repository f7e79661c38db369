"""Places that refuse: the pipeline stage and the git push."""
