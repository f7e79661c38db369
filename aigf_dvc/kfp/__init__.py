"""The gates as steps of a Kubeflow pipeline: each runs `aigf`, and fails unless it says yes."""
