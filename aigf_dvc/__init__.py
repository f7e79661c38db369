"""AI governance as a fact of a DVC pipeline: lineage, policy, attestation, verification."""
