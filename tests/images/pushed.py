"""Pushes images of the builder to a real registry, as any client would."""

import json

from aigf_dvc.digests import Sha256
from aigf_dvc.stores.oci_registry import Registry
from tests.images.builder import Images


def push(images: Images, host: str, repository: str, top: Sha256, tag: str = "latest") -> str:
    """Push everything that an image needs, and return its reference."""
    registry = Registry(host, repository, None)
    manifests = set(images.media_types)
    for digest, data in images.blobs.items():
        if digest not in manifests:
            registry.blob(data, "application/octet-stream")
    for digest in [*(d for d in images.media_types if d != top), top]:
        registry.put(json.loads(images.blobs[digest]), f"sha256:{digest}")
    registry.put(json.loads(images.blobs[top]), tag)
    return f"{host}/{repository}@sha256:{top}"
