"""Container images for tests, made byte by byte: layers, configurations, manifests, layouts."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigf_dvc.canonical import dumps
from aigf_dvc.digests import Sha256
from aigf_dvc.images.manifest import INDEX, MANIFEST

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def digest_of(data: bytes) -> Sha256:
    return Sha256(hashlib.sha256(data).hexdigest())


def file(name: str, content: bytes = b"") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info, content


def other(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return other(name, tarfile.DIRTYPE)


def symlink(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return other(name, tarfile.SYMTYPE, target)


def hard_link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return other(name, tarfile.LNKTYPE, target)


def tar(*entries: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=form) as archive:
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    return whole.getvalue()


def pack(data: bytes, media_type: str) -> bytes:
    match media_type.rpartition("+")[2].rpartition(".")[2]:
        case "gzip":
            return gzip.compress(data, mtime=0)
        case "zstd":
            return zstd.compress(data)
        case _:
            return data


@dataclass(slots=True)
class Images:
    """A place with images, in memory; it is a source of images too."""

    blobs: dict[Sha256, bytes] = field(default_factory=dict)
    media_types: dict[Sha256, str] = field(default_factory=dict)

    def keep(self, data: bytes) -> Sha256:
        digest = digest_of(data)
        self.blobs[digest] = data
        return digest

    def manifest(self, digest: Sha256) -> bytes:
        return self.blobs[digest]

    def blob(self, digest: Sha256) -> Iterator[bytes]:
        data = self.blobs[digest]
        for at in range(0, len(data), 100_000):
            yield data[at : at + 100_000]

    def image(
        self,
        *layers: bytes,
        platform: str = "linux/amd64",
        media_type: str = f"{LAYER}+gzip",
        **changes: object,
    ) -> Sha256:
        """Keep an image whose layers are these tars; `changes` go over its manifest."""
        system, architecture = platform.split("/")
        packed = [pack(layer, media_type) for layer in layers]
        config = {
            "os": system,
            "architecture": architecture,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest_of(t)}" for t in layers]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.described(json.dumps(config).encode(), CONFIG),
            "layers": [self.described(data, media_type) for data in packed],
        }
        return self.json(manifest | changes)

    def index(self, platforms: Mapping[str, Sha256]) -> Sha256:
        """Keep an index of images, by their platforms."""
        manifests = []
        for platform, digest in platforms.items():
            system, architecture = platform.split("/")
            named = {"os": system, "architecture": architecture}
            manifests.append(self.described(self.blobs[digest], MANIFEST) | {"platform": named})
        return self.json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})

    def json(self, document: Mapping[str, Any]) -> Sha256:
        digest = self.keep(dumps(document))
        self.media_types[digest] = document.get("mediaType", MANIFEST)
        return digest

    def described(self, data: bytes, media_type: str) -> dict[str, Any]:
        return {"mediaType": media_type, "digest": f"sha256:{self.keep(data)}", "size": len(data)}

    def write_layout(self, folder: Path, listed: Sequence[Sha256]) -> Path:
        """Write everything as an OCI layout that lists these manifests."""
        blobs = folder / "blobs/sha256"
        blobs.mkdir(parents=True)
        for digest, data in self.blobs.items():
            (blobs / digest).write_bytes(data)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        manifests = [self.described(self.blobs[d], self.media_types[d]) for d in listed]
        (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": manifests}))
        return folder
