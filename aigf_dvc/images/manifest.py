"""Image manifests, indexes and configurations of OCI and Docker, read strictly; pure functions.

See: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
See: https://distribution.github.io/distribution/spec/manifest-v2-2/
"""

from enum import Enum, unique

from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.errors import RefusedError

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFESTS = (MANIFEST, "application/vnd.docker.distribution.manifest.v2+json")
_INDEXES = (INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
_CONFIGS = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)
MOST_BYTES = 4 * 2**20
_UNKNOWN = "unknown/unknown"  # how BuildKit marks what is no image: provenance, SBOM


@unique
class Packing(Enum):
    """How the bytes of a layer are packed."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZSTD = "zstd"


_OCI, _DOCKER = "application/vnd.oci.image.layer.v1.tar", "application/vnd.docker.image.rootfs"
_LAYERS = {
    _OCI: Packing.PLAIN,
    f"{_OCI}+gzip": Packing.GZIP,
    f"{_OCI}+zstd": Packing.ZSTD,
    f"{_DOCKER}.diff.tar": Packing.PLAIN,
    f"{_DOCKER}.diff.tar.gzip": Packing.GZIP,
    f"{_DOCKER}.diff.tar.zstd": Packing.ZSTD,
}
_ELSEWHERE = ("nondistributable", ".foreign.")  # such layers are not in the registry


class Layer(Struct, frozen=True, kw_only=True):
    """One layer as a manifest names it."""

    digest: Sha256  # of the packed bytes
    size_bytes: int
    packing: Packing


class ImageManifest(Struct, frozen=True, kw_only=True):
    """The manifest of one image for one platform."""

    config: Sha256
    layers: tuple[Layer, ...]


class ImageIndex(Struct, frozen=True, kw_only=True):
    """The manifests of one image for several platforms, by their digests."""

    manifests: tuple[tuple[Sha256, str | None], ...]  # with the platform, where it is said


class ImageConfig(Struct, frozen=True, kw_only=True):
    """What the configuration of an image says of its layers, and of where it runs."""

    platform: str
    diff_ids: tuple[Sha256, ...]  # of the unpacked layers


def read_manifest(data: bytes, where: str) -> ImageManifest | ImageIndex:
    """Read a manifest or an index.

    Raises:
        RefusedError: it is neither, not of a container image, or has layers that lie elsewhere.
    """
    top = Fields.read(data, where, max_bytes=MOST_BYTES)
    kind = media_type(top)
    if kind in _INDEXES:
        return _read_index(top)
    if kind not in _MANIFESTS:
        raise RefusedError(
            f"{kind!r:.100}", where=top.at("mediaType"), expected="an image or an index of images"
        )
    config = top.mapping("config")
    if config.text("mediaType") not in _CONFIGS:
        raise RefusedError(
            f"{config.text('mediaType')!r:.100}", where=config.at("mediaType"),
            expected="the configuration of a container image",
            hint="this is another artifact of the registry, not an image that could be deployed",
        )  # fmt: skip
    layers = tuple(_read_layer(item) for item in top.objects("layers"))
    return ImageManifest(config=_digest(config), layers=layers)


def media_type(top: Fields) -> str:
    """Return what a manifest is; OCI lets it leave that out, and then its keys tell.

    Raises:
        RefusedError: its keys are those of a manifest and of an index.
    """
    is_index, is_manifest = "manifests" in top.values, "layers" in top.values
    if is_index and is_manifest:
        raise RefusedError(
            "both `manifests` and `layers`", where=top.where, expected="an image or an index"
        )
    default = INDEX if is_index else MANIFEST
    kind = top.text("mediaType") if "mediaType" in top.values else default
    if is_index != (kind in _INDEXES):
        raise RefusedError(f"{kind!r:.100}", where=top.at("mediaType"), expected=default)
    return kind


def read_config(data: bytes, where: str, *, most: int) -> ImageConfig:
    """Read the configuration of an image.

    Raises:
        RefusedError: a value that is needed is missing or has another form.
    """
    top = Fields.read(data, where, max_bytes=most)
    root = top.mapping("rootfs")
    variant = top.any_text("variant") if top.values.get("variant") is not None else ""
    return ImageConfig(
        platform="/".join(filter(None, (top.text("os"), top.text("architecture"), variant))),
        diff_ids=tuple(_sha256(item, root.at("diff_ids")) for item in root.texts("diff_ids")),
    )


def _read_index(top: Fields) -> ImageIndex:
    found = []
    for item in top.objects("manifests"):
        platform = _platform(item)
        if platform == _UNKNOWN:
            continue
        if item.text("mediaType") not in _MANIFESTS:
            raise RefusedError(
                f"{item.text('mediaType')!r:.100}", where=item.at("mediaType"),
                expected="an image in each entry of an index",
            )  # fmt: skip
        found.append((_digest(item), platform))
    if not found:
        raise RefusedError("no image", where=top.at("manifests"), expected="one at least")
    return ImageIndex(manifests=tuple(dict.fromkeys(found)))


def _platform(item: Fields) -> str | None:
    platform = item.optional_mapping("platform")
    if platform is None:
        return None
    variant = platform.optional_text("variant")
    parts = (platform.text("os"), platform.text("architecture"), variant)
    return "/".join(filter(None, parts))


def _read_layer(item: Fields) -> Layer:
    kind = item.text("mediaType")
    if any(word in kind for word in _ELSEWHERE):
        raise RefusedError(
            f"{kind!r:.100}: a layer that lies outside the registry", where=item.at("mediaType"),
            expected="layers that can be read", hint="push the image with all of its layers",
        )  # fmt: skip
    if kind not in _LAYERS:
        raise RefusedError(
            f"{kind!r:.100}", where=item.at("mediaType"),
            expected="a layer of OCI or Docker: tar, plain or packed with gzip or zstd",
        )  # fmt: skip
    return Layer(digest=_digest(item), size_bytes=_size(item), packing=_LAYERS[kind])


def _size(item: Fields) -> int:
    value = item.values.get("size")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RefusedError(f"{value!r:.100}", where=item.at("size"), expected="a number of bytes")
    return value


def _digest(item: Fields) -> Sha256:
    return _sha256(item.text("digest"), item.at("digest"))


def _sha256(text: str, where: str) -> Sha256:
    digest = as_sha256(text.removeprefix("sha256:")) if text.startswith("sha256:") else None
    if digest is None:
        raise RefusedError(f"{text!r:.100}", where=where, expected="sha256:HEX")
    return digest
