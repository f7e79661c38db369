"""Reads a container image by its digest: every layer once, and the files that are left then."""

from collections.abc import Iterator

from msgspec import Struct, field

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.images.file_system import FileSystem
from aigf_dvc.images.manifest import ImageConfig, ImageIndex, ImageManifest, read_config
from aigf_dvc.images.manifest import read_manifest as parse_manifest
from aigf_dvc.images.source import ImageSource, Limits, Progress
from aigf_dvc.images.tar import read_entries
from aigf_dvc.images.unpack import Unpacked


class PlatformImage(Struct, frozen=True, kw_only=True):
    """An image for one platform, with its files."""

    digest: Sha256  # of its manifest
    platform: str
    files: FileSystem
    brought: dict[Sha256, list[tuple[str, str]]] = field(default_factory=dict)
    """The layers that bring a file, and its path there; a later one may have taken it away."""


class Image(Struct, frozen=True, kw_only=True):
    """What a digest names: one image, or an index of one for each of several platforms."""

    digest: Sha256
    platforms: tuple[PlatformImage, ...]


def read_image(
    source: ImageSource,
    digest: Sha256,
    *,
    platform: str | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Image:
    """Read an image and hash every file in it.

    Args:
        source: where it lies.
        digest: of its manifest or index.
        platform: of an index, read only this one, such as `linux/amd64`; the digest of what is
            returned is then that of the platform's manifest.
        limits: how large it may be.
        progress: is told what was read.

    Raises:
        InputError: it is not there, or has no such platform.
        RefusedError: it is no image, or not what its digests say.
        UndecidedError: it cannot be read, is too large, or runtimes differ in what it holds.
    """
    reading = _Reading(source=source, limits=limits or Limits(), progress=progress)
    top = reading.manifest(digest)
    if isinstance(top, ImageManifest):
        found = reading.platform_image(digest, top)
        if platform not in (None, found.platform):
            raise _no_such(platform, digest, [found.platform])
        return Image(digest=digest, platforms=(found,))
    chosen = _chosen(top, platform, digest)
    images = tuple(reading.of_index(*entry) for entry in chosen)
    return Image(digest=digest if platform is None else images[0].digest, platforms=images)


def named_digests(
    source: ImageSource, digest: Sha256, *, platform: str | None
) -> tuple[Sha256, ...]:
    """Return a digest and, of an index, that of the image for a platform: both may be spoken of.

    Raises:
        InputError: it is not there, or has no such platform.
        RefusedError, UndecidedError: it is no image, or cannot be read.
    """
    if platform is None:
        return (digest,)
    top = _Reading(source=source, limits=Limits(), progress=None).manifest(digest)
    if isinstance(top, ImageManifest):
        return (digest,)
    return (digest, _chosen(top, platform, digest)[0][0])


def _chosen(
    index: ImageIndex, platform: str | None, digest: Sha256
) -> tuple[tuple[Sha256, str | None], ...]:
    """Return the entries of an index to read.

    Raises:
        InputError: none or several are for that platform.
    """
    if platform is None:
        return index.manifests
    chosen = tuple(entry for entry in index.manifests if entry[1] == platform)
    if len(chosen) != 1:
        raise _no_such(platform, digest, [str(entry[1]) for entry in index.manifests])
    return chosen


def _no_such(platform: str | None, digest: Sha256, known: list[str]) -> InputError:
    return InputError(
        f"the platform {platform!r:.100}", where=f"--platform of sha256:{digest}",
        expected=f"{'one of ' if len(known) > 1 else ''}{', '.join(known):.500}",
    )  # fmt: skip


class _Reading(Struct, kw_only=True):
    """One reading, with what is left of its bounds."""

    source: ImageSource
    limits: Limits
    progress: Progress | None
    entries: int = 0
    size_bytes: int = 0

    def manifest(self, digest: Sha256) -> ImageManifest | ImageIndex:
        data = self.source.manifest(digest)
        _demand_digest(data, digest)
        return parse_manifest(data, f"manifest sha256:{digest}")

    def of_index(self, digest: Sha256, platform: str | None) -> PlatformImage:
        manifest = self.manifest(digest)
        if not isinstance(manifest, ImageManifest):
            raise RefusedError("an index in an index", where=f"sha256:{digest}")
        found = self.platform_image(digest, manifest)
        if platform is not None and _system(platform) != _system(found.platform):
            raise RefusedError(
                f"an image for {found.platform:.100}", where=f"sha256:{digest}",
                expected=f"{platform:.100}, as the index says",
            )  # fmt: skip
        return found

    def platform_image(self, digest: Sha256, manifest: ImageManifest) -> PlatformImage:
        config = self._config(manifest.config)
        self._demand_layers(manifest, config, digest)
        found = PlatformImage(digest=digest, platform=config.platform, files=FileSystem())
        for number, (layer, diff_id) in enumerate(
            zip(manifest.layers, config.diff_ids, strict=True)
        ):
            chunks = self.source.blob(layer.digest)
            unpacked = Unpacked(layer, chunks, limits=self.limits, progress=self.progress)
            self._apply(unpacked, number, found)
            unpacked.finish(diff_id)
        return found

    def _demand_layers(self, manifest: ImageManifest, config: ImageConfig, digest: Sha256) -> None:
        count = len(manifest.layers)
        if count != len(config.diff_ids):
            raise RefusedError(
                f"{count} layers, and {len(config.diff_ids)} in its configuration",
                where=f"sha256:{digest}", expected="as many",
            )  # fmt: skip
        if count > self.limits.layers:
            raise UndecidedError(
                f"{count} layers", where=f"sha256:{digest}",
                expected=f"at most {self.limits.layers}",
            )  # fmt: skip

    def _apply(self, unpacked: Unpacked, number: int, found: PlatformImage) -> None:
        where = unpacked.where
        for entry in read_entries(self._bounded(unpacked), where):
            self.entries += 1
            if self.entries > self.limits.entries:
                raise UndecidedError(
                    f"more than {self.limits.entries} entries", where=where,
                    expected="an image with fewer files",
                )  # fmt: skip
            found.files.apply(entry, layer=number, where=where)
            if entry.sha256 is not None:
                places = found.brought.setdefault(entry.sha256, [])
                places.append((where, f"/{'/'.join(entry.path)}"))

    def _bounded(self, unpacked: Unpacked) -> Iterator[bytes]:
        for chunk in unpacked:
            self.size_bytes += len(chunk)
            if self.size_bytes > self.limits.size_bytes:
                raise UndecidedError(
                    f"more than {self.limits.size_bytes} bytes unpacked", where=unpacked.where,
                    expected="a smaller image",
                )  # fmt: skip
            yield chunk

    def _config(self, digest: Sha256) -> ImageConfig:
        most = self.limits.config_bytes
        data = b""
        for chunk in self.source.blob(digest):
            data += chunk
            if len(data) > most:
                raise UndecidedError(
                    "too large", where=f"configuration sha256:{digest}",
                    expected=f"at most {most} bytes",
                )  # fmt: skip
        _demand_digest(data, digest)
        return read_config(data, f"configuration sha256:{digest}", most=most)


def _system(platform: str) -> list[str]:
    """Return operating system and architecture: the variant is often left out."""
    return platform.split("/")[:2]


def _demand_digest(data: bytes, digest: Sha256) -> None:
    if sha256(data) != digest:
        raise RefusedError(f"bytes with the SHA-256 {sha256(data)}", expected=f"sha256:{digest}")
