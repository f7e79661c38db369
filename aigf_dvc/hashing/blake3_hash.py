"""BLAKE3, which Python itself does not have; the home of blake3 (the extra `blake3`)."""

from blake3 import blake3

from aigf_dvc.hashing.hash_ranges import NewHash

new_hash: NewHash = blake3
