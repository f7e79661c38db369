"""An OCI layout on disk has images, and what refers to them."""

import json
import os
from pathlib import Path

import pytest

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.images.layout import ImageLayout
from aigf_dvc.images.read import read_image
from tests.images.builder import Images, digest_of, file, tar

BUNDLE, OTHER = "application/bundle", "application/other"


def referring(images: Images, subject: Sha256, data: bytes, media_type: str = BUNDLE) -> Sha256:
    return images.image(
        tar(), layers=[images.described(data, media_type)],
        subject={"mediaType": "x", "digest": f"sha256:{subject}", "size": 1},
    )  # fmt: skip


def test_an_image_is_read_from_a_layout(tmp_path: Path) -> None:
    images = Images()
    digest = images.image(tar(file("a", b"1")))
    layout = ImageLayout(images.write_layout(tmp_path, [digest]))
    (image,) = read_image(layout, digest).platforms
    assert dict(image.files.files()) == {"a": digest_of(b"1")}
    assert layout.place == str(tmp_path)


def test_what_refers_to_an_image_is_found_in_the_index_and_in_indexes_below(tmp_path: Path) -> None:
    images = Images()
    digest, other = images.image(tar(file("a", b"1"))), images.image(tar(file("a", b"2")))
    listed = [
        digest,
        referring(images, digest, b"one"),
        referring(images, digest, b"sbom", OTHER),
        referring(images, other, b"two"),
        images.index({"linux/amd64": referring(images, digest, b"three")}),
    ]
    layout = ImageLayout(images.write_layout(tmp_path, listed))
    assert set(layout.attached(digest, (BUNDLE,))) == {b"one", b"three"}
    (tmp_path / "blobs/sha256" / digest_of(b"one")).write_bytes(b"changed")
    assert set(layout.attached(digest, (BUNDLE,))) == {b"three"}


def test_what_is_no_layout_or_lacks_something_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no OCI layout"):
        ImageLayout(tmp_path)
    images = Images()
    digest = images.image(tar(file("a", b"1")))
    layout = ImageLayout(images.write_layout(tmp_path, [digest]))
    with pytest.raises(InputError, match="it has no sha256"):
        layout.manifest(digest_of(b"nothing"))
    (tmp_path / "index.json").write_text("[]")
    with pytest.raises(UndecidedError, match="no JSON object"):
        layout.attached(digest, (BUNDLE,))


def test_a_pipe_is_not_waited_for_and_a_large_manifest_is_not_read(tmp_path: Path) -> None:
    images = Images()
    digest = images.image(tar(file("a", b"1")))
    layout = ImageLayout(images.write_layout(tmp_path, [digest]))
    path = tmp_path / "blobs/sha256" / digest
    path.write_bytes(b" " * (5 << 20))
    with pytest.raises(UndecidedError, match="too large"):
        layout.manifest(digest)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UndecidedError, match="no regular file"):
        layout.manifest(digest)


def test_a_list_of_manifests_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    images = Images()
    digest = images.image(tar(file("a", b"1")))
    layout = ImageLayout(images.write_layout(tmp_path, [digest]))
    with (tmp_path / "index.json").open("wb") as index:
        index.truncate(1 << 40)  # more than any memory
    with pytest.raises(UndecidedError, match=r"index\.json: too large"):
        layout.attached(digest, (BUNDLE,))


def test_a_layout_of_too_many_manifests_is_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aigf_dvc.images.layout._MOST_MANIFESTS", 2)
    images = Images()
    listed = [images.image(tar(file("a", bytes([n])))) for n in range(3)]
    layout = ImageLayout(images.write_layout(tmp_path, listed))
    assert len(json.loads((tmp_path / "index.json").read_text())["manifests"]) == 3
    with pytest.raises(UndecidedError, match="more than 2 manifests"):
        layout.attached(listed[0], (BUNDLE,))
