"""An image is read by its digest, whole, and nothing of it is believed that its digests deny."""

import gzip
import json
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.images.read import Image, named_digests, read_image
from aigf_dvc.images.source import Limits
from tests.images.builder import CONFIG, DOCKER_LAYER, LAYER, Images, digest_of, file, tar

BASE, TOP = tar(file("a", b"1"), file("b", b"2")), tar(file("a", b"3"), file(".wh.b"))


def files_of(image: Image) -> list[dict[str, str]]:
    return [dict(platform.files.files()) for platform in image.platforms]


@pytest.mark.parametrize("media_type", [LAYER, f"{LAYER}+gzip", f"{LAYER}+zstd", DOCKER_LAYER])
def test_the_layers_of_an_image_are_applied_in_their_order(media_type: str) -> None:
    images = Images()
    digest = images.image(BASE, TOP, media_type=media_type)
    image = read_image(images, digest)
    assert files_of(image) == [{"a": digest_of(b"3")}]
    assert [p.platform for p in image.platforms] == ["linux/amd64"]
    (found,) = image.platforms
    places = found.brought[digest_of(b"2")]
    assert [path for _, path in places] == ["/b"]


def test_every_platform_of_an_index_is_read_or_the_chosen_one() -> None:
    images = Images()
    amd, arm = images.image(BASE), images.image(TOP, platform="linux/arm64")
    index = images.index({"linux/amd64": amd, "linux/arm64": arm})
    both = read_image(images, index)
    assert (both.digest, [p.digest for p in both.platforms]) == (index, [amd, arm])
    assert files_of(both)[1] == {"a": digest_of(b"3")}
    one = read_image(images, index, platform="linux/arm64")
    assert (one.digest, [p.digest for p in one.platforms]) == (arm, [arm])
    assert named_digests(images, index, platform="linux/arm64") == (index, arm)
    assert named_digests(images, index, platform=None) == (index,)
    assert named_digests(images, amd, platform="linux/amd64") == (amd,)
    assert read_image(images, amd, platform="linux/amd64").digest == amd
    for digest in (index, amd):
        with pytest.raises(InputError, match="linux/amd64"):
            read_image(images, digest, platform="linux/riscv64")


def test_an_index_that_says_another_platform_than_the_image_is_refused() -> None:
    images = Images()
    index = images.index({"linux/arm64": images.image(BASE)})
    with pytest.raises(RefusedError, match="as the index says"):
        read_image(images, index)


def test_an_index_in_an_index_is_refused() -> None:
    images = Images()
    inner = images.index({"linux/amd64": images.image(BASE)})
    with pytest.raises(RefusedError, match="an index in an index"):
        read_image(images, images.index({"linux/amd64": inner}))


def changed(images: Images, **config: object) -> dict[str, Any]:
    """Return the description of another configuration."""
    document = {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"diff_ids": [f"sha256:{digest_of(BASE)}"]},
    }
    return images.described(json.dumps(document | config).encode(), CONFIG)


def test_bytes_that_no_digest_names_are_refused() -> None:
    images = Images()
    digest = images.image(BASE)
    other = Images(blobs=dict(images.blobs))
    for name, data in images.blobs.items():
        other.blobs = images.blobs | {name: data + b" "}
        with pytest.raises(RefusedError):
            read_image(other, digest)
    packed = gzip.compress(TOP, mtime=0)
    layer = images.described(packed, f"{LAYER}+gzip")
    swapped = images.image(BASE, layers=[layer])
    with pytest.raises(RefusedError, match="configuration names"):
        read_image(images, swapped)


def test_more_or_fewer_layers_than_the_configuration_has_are_refused() -> None:
    images = Images()
    config = changed(images, rootfs={"diff_ids": []})
    with pytest.raises(RefusedError, match="1 layers, and 0"):
        read_image(images, images.image(BASE, config=config))


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"layers": 1}, "2 layers"),
        ({"entries": 3}, "more than 3 entries"),
        ({"size_bytes": 12_000}, "more than 12000 bytes"),
        ({"config_bytes": 100}, "too large"),
        ({"free_bytes": 0, "ratio": 2}, "bomb"),
    ],
)
def test_an_image_past_a_bound_is_undecided(limits: dict[str, int], says: str) -> None:
    images = Images()
    digest = images.image(BASE, TOP)
    read_image(images, digest, limits=replace(Limits(), layers=2, entries=4))
    with pytest.raises(UndecidedError, match=says):
        read_image(images, digest, limits=replace(Limits(), **limits))
