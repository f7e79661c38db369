"""Only manifests of container images are read, and only with layers that lie beside them."""

import json
from typing import Any

import pytest

from aigf_dvc.errors import RefusedError
from aigf_dvc.images.manifest import (
    INDEX,
    MANIFEST,
    ImageIndex,
    ImageManifest,
    Packing,
    read_config,
    read_manifest,
)

HEX = "a" * 64
LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER = "application/vnd.docker.image.rootfs"


def described(media_type: str, **more: object) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": f"sha256:{HEX}", "size": 7, **more}


def manifest(*layers: str, **changes: object) -> bytes:
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": described("application/vnd.oci.image.config.v1+json"),
        "layers": [described(layer) for layer in layers],
    }
    return json.dumps({k: v for k, v in (document | changes).items() if v is not None}).encode()


def index(*manifests: dict[str, Any], **changes: object) -> bytes:
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(manifests)}
    return json.dumps({k: v for k, v in (document | changes).items() if v is not None}).encode()


@pytest.mark.parametrize(
    ("media_type", "packing"),
    [
        (LAYER, Packing.PLAIN), (f"{LAYER}+gzip", Packing.GZIP), (f"{LAYER}+zstd", Packing.ZSTD),
        (f"{DOCKER}.diff.tar.gzip", Packing.GZIP), (f"{DOCKER}.diff.tar", Packing.PLAIN),
    ],
)  # fmt: skip
def test_layers_of_oci_and_of_docker_are_known(media_type: str, packing: Packing) -> None:
    found = read_manifest(manifest(media_type), "image")
    assert isinstance(found, ImageManifest)
    assert [(layer.digest, layer.size_bytes, layer.packing) for layer in found.layers] == [
        (HEX, 7, packing)
    ]


def test_a_manifest_and_an_index_without_a_media_type_are_known_by_their_keys() -> None:
    assert isinstance(read_manifest(manifest(mediaType=None), "image"), ImageManifest)
    entry = described(MANIFEST, platform={"os": "linux", "architecture": "arm64", "variant": "v8"})
    found = read_manifest(index(entry, mediaType=None), "image")
    assert found == ImageIndex(manifests=((HEX, "linux/arm64/v8"),))  # type: ignore[arg-type]  # HEX is one


def test_what_build_kit_keeps_beside_the_images_of_an_index_is_passed_over() -> None:
    provenance = described(MANIFEST, platform={"os": "unknown", "architecture": "unknown"})
    image = described(MANIFEST)
    found = read_manifest(index(provenance, image, image), "image")
    assert found == ImageIndex(manifests=((HEX, None),))  # type: ignore[arg-type]  # HEX is one
    with pytest.raises(RefusedError, match="no image"):
        read_manifest(index(provenance), "image")


REFUSED = {
    "elsewhere": (
        manifest(f"{LAYER.replace('layer.v1', 'layer.nondistributable.v1')}+gzip"), "outside"
    ),
    "foreign": (manifest(f"{DOCKER}.foreign.diff.tar.gzip"), "outside"),
    "no layer": (manifest("application/x-tar"), "a layer of OCI or Docker"),
    "an artifact": (manifest(config=described("application/vnd.oci.empty.v1+json")), "container"),
    "another type": (manifest(mediaType="text/plain"), "an image or an index"),
    "both": (manifest(manifests=[]), "both"),
    "an index that says manifest": (index(described(MANIFEST), mediaType=MANIFEST), "mediaType"),
    "a manifest that says index": (manifest(mediaType=INDEX), "mediaType"),
    "an index in an index": (index(described(INDEX)), "an image in each entry"),
    "no digest": (manifest(config=described("application/vnd.oci.image.config.v1+json",
                                            digest=f"sha512:{HEX}")), "sha256:HEX"),
    "no size": (
        json.dumps(json.loads(manifest()) | {"layers": [described(LAYER, size="7")]}).encode(),
        "a number of bytes",
    ),
    "a key twice": (manifest()[:-1] + b', "layers": []}', "stands twice"),
    "no JSON": (b"{", "JSON"),
    "a list": (b"[]", "JSON object"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused(name: str) -> None:
    data, says = REFUSED[name]
    with pytest.raises(RefusedError, match=says):
        read_manifest(data, "image")


def test_a_configuration_says_platform_and_layers() -> None:
    document = {"os": "linux", "architecture": "arm", "variant": "v7",
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{HEX}"]}}  # fmt: skip
    found = read_config(json.dumps(document).encode(), "config", most=1000)
    assert (found.platform, found.diff_ids) == ("linux/arm/v7", (HEX,))
    changes: list[dict[str, Any]] = [
        {"os": ""}, {"rootfs": {}}, {"rootfs": {"diff_ids": ["md5:1"]}}
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(RefusedError):
            read_config(json.dumps(document | change).encode(), "config", most=1000)
