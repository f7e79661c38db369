"""Reads images and what refers to them from an OCI layout: a directory, no network.

See: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from aigf_dvc.canonical import Json, loads
from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.errors import InputError, UndecidedError

_CHUNK = 1 << 16
_MOST_MANIFEST = 4 * 2**20
_MOST_MANIFESTS = 10_000
_MOST_BUNDLE = 32 * 2**20


class ImageLayout:
    """One OCI layout, such as `oras cp --recursive --to-oci-layout` writes."""

    def __init__(self, folder: Path) -> None:
        """Open a layout.

        Raises:
            InputError: the directory is none.
        """
        self._folder = folder
        if not (folder / "oci-layout").is_file() or not (folder / "index.json").is_file():
            raise InputError(
                "no OCI layout", where=str(folder),
                expected="a directory with `oci-layout` and `index.json`",
                hint="`oras cp --recursive REF --to-oci-layout DIR:TAG` writes one",
            )  # fmt: skip

    @property
    def place(self) -> str:
        """What people call it."""
        return str(self._folder)

    def manifest(self, digest: Sha256) -> bytes:
        """Return the bytes of a manifest.

        Raises:
            InputError: it is not there.
            UndecidedError: it cannot be read.
        """
        return self._whole(digest, _MOST_MANIFEST)

    def blob(self, digest: Sha256) -> Iterator[bytes]:
        """Yield the bytes of a blob.

        Raises:
            InputError: it is not there.
            UndecidedError: it cannot be read.
        """
        path = self._folder / "blobs" / "sha256" / digest
        try:
            yield from _pieces(path)
        except FileNotFoundError:
            raise InputError(
                f"it has no sha256:{digest}", where=str(self._folder),
                expected="a layout with the whole image",
            ) from None  # fmt: skip

    def attached(self, digest: Sha256, media_types: tuple[str, ...]) -> tuple[bytes, ...]:
        """Return the layers of these types of every manifest that refers to a digest.

        Raises:
            InputError, UndecidedError: the layout lacks something that it lists.
        """
        found: dict[Sha256, bytes] = {}
        for manifest in self._manifests():
            subject = manifest.get("subject")
            if not isinstance(subject, dict) or subject.get("digest") != f"sha256:{digest}":
                continue
            for layer in _objects(manifest.get("layers")):
                named = _digest_of(layer)
                if named is not None and layer.get("mediaType") in media_types:
                    data = self._whole(named, _MOST_BUNDLE)
                    if sha256(data) == named:
                        found[named] = data
        return tuple(found.values())

    def _manifests(self) -> Iterator[Mapping[str, Json]]:
        """Yield every manifest that the layout lists, those of indexes too."""
        index = self._folder / "index.json"
        data = _bounded(_pieces(index), _MOST_MANIFEST, str(index))
        todo = _objects(_object(data, str(index)).get("manifests"))
        seen = set[Sha256]()
        while todo:
            digest = _digest_of(todo.pop())
            if digest is None or digest in seen:
                continue
            seen.add(digest)
            if len(seen) > _MOST_MANIFESTS:
                raise UndecidedError(
                    f"more than {_MOST_MANIFESTS} manifests", where=str(self._folder),
                    expected="the layout of one image",
                )  # fmt: skip
            manifest = _object(self.manifest(digest), f"manifest sha256:{digest}")
            todo += _objects(manifest.get("manifests"))
            yield manifest

    def _whole(self, digest: Sha256, most: int) -> bytes:
        return _bounded(self.blob(digest), most, f"sha256:{digest}")


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file.

    Raises:
        FileNotFoundError: it is not there.
        UndecidedError: it cannot be read.
    """
    try:
        with os.fdopen(_open_regular(path), "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UndecidedError(
            f"cannot be read: {error.strerror}", where=str(path), expected="a file"
        ) from None


def _bounded(pieces: Iterable[bytes], most: int, where: str) -> bytes:
    parts, left = [], most
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise UndecidedError("too large", where=where, expected=f"at most {most} bytes")
        parts.append(piece)
    return b"".join(parts)


def _open_regular(path: Path) -> int:
    """Open a file; a named pipe could keep us for ever."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "no regular file")
    return handle


def _object(data: bytes, where: str) -> Mapping[str, Json]:
    value = loads(data, where=where, max_bytes=_MOST_MANIFEST)
    if not isinstance(value, dict):
        raise UndecidedError("no JSON object", where=where, expected="a manifest")
    return value


def _objects(value: Json) -> list[Mapping[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _digest_of(descriptor: Mapping[str, Json]) -> Sha256 | None:
    return as_sha256(str(descriptor.get("digest", "")).removeprefix("sha256:"))
