"""What a deployment attestation says, and what a judge demands of it; pure functions."""
