"""From a statement to a signed Sigstore bundle, and back."""
