"""A whole Sigstore on this machine, so that tests sign and verify keylessly without the network."""
