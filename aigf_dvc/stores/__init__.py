"""Where attestations live: the git ref and plain folders."""
