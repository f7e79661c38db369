"""Cases: examples of evidence, and what a policy is expected to say of each."""
