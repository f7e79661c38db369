"""An image is read from a registry, and what is attached to it leaves the image as it is."""

from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.images.manifest import MANIFEST
from aigf_dvc.images.read import read_image
from aigf_dvc.images.reference import read_reference
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored
from aigf_dvc.stores.oci_image import RegistryImages
from aigf_dvc.stores.oci_registry import Registry
from tests.images.builder import Images, digest_of, file, tar
from tests.images.pushed import push
from tests.serving import serving
from tests.stores.registries import PASSWORD, USER, ListingRegistry, docker_registry


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the logins of whoever runs these tests out of them."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nobody"))


@pytest.fixture(params=["docker-registry", "lists-referrers"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "docker-registry":
        with docker_registry(tmp_path) as address:
            yield address
    else:
        with ListingRegistry().serve() as address:
            yield address


def pushed(host: str) -> tuple[RegistryImages, Sha256, bytes]:
    images = Images()
    digest = images.image(tar(file("a", b"1")))
    push(images, host, "acme/scorer", digest, "v1")
    return RegistryImages(host, "acme/scorer"), digest, images.blobs[digest]


def noted(item: Stored) -> Mapping[str, str]:
    return {"dev.aigf.model": "scorer"} if item.ending == BUNDLE else {}


def test_an_image_is_read_from_a_registry_and_a_tag_has_the_digest_it_has_now(host: str) -> None:
    images, digest, manifest = pushed(host)
    assert images.manifest(digest) == manifest
    (image,) = read_image(images, digest).platforms
    assert dict(image.files.files()) == {"a": digest_of(b"1")}
    assert images.digest_of_tag("v1") == digest
    assert images.digest_of_tag("v2") is None


def test_what_is_attached_refers_to_the_image_and_is_found_again(host: str) -> None:
    images, digest, manifest = pushed(host)
    items = (
        Stored(model=digest, ending=BUNDLE, data=b"bundle"),
        Stored(model=digest, ending=EVIDENCE, data=b"evidence"),
    )
    images.referrers_of(digest, noted).add(items)
    images.referrers_of(digest, noted).add(items)
    assert set(images.referrers_of(digest).find(digest)) == set(items)
    assert images.manifest(digest) == manifest
    assert images.digest_of_tag("v1") == digest
    registry = Registry(host, "acme/scorer", None)
    listed = registry.referrers(f"sha256:{digest}")
    if listed is None:
        index = registry.manifest(f"sha256-{digest}")
        assert index is not None
        listed = list(index[0]["manifests"])  # type: ignore[arg-type]  # a JSON list
        assert [entry.get("annotations") for entry in listed].count(noted(items[0])) == 1
    assert len(listed) == 2
    for entry in listed:
        found = registry.manifest(str(entry["digest"]))
        assert found is not None
        assert found[0]["subject"] == {
            "mediaType": MANIFEST, "digest": f"sha256:{digest}", "size": len(manifest),
        }  # fmt: skip
        is_bundle = "bundle" in str(found[0]["artifactType"])
        assert found[0].get("annotations") == (noted(items[0]) if is_bundle else None)


def test_an_image_or_blob_that_is_not_there_is_the_callers_mistake(host: str) -> None:
    images, _, _ = pushed(host)
    missing = digest_of(b"nothing")
    with pytest.raises(InputError, match="no image sha256"):
        images.manifest(missing)
    with pytest.raises(InputError, match="no image sha256"):
        images.referrers_of(missing)
    with pytest.raises(InputError, match="no such blob"):
        list(images.blob(missing))


def test_a_registry_that_does_not_answer_is_undecided() -> None:
    with pytest.raises(UndecidedError, match="did not answer"):
        RegistryImages("127.0.0.1:9", "acme/scorer").manifest(digest_of(b"x"))


def test_docker_hub_is_asked_at_its_server_and_called_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ListingRegistry().serve() as host:
        _, digest, manifest = pushed(host)
        monkeypatch.setattr("aigf_dvc.stores.oci_registry._HUB_SERVER", host)
        reference = read_reference(f"acme/scorer@sha256:{digest}")
        images = RegistryImages(reference.host, reference.repository)
        assert images.manifest(digest) == manifest
        assert images.place == "docker.io/acme/scorer"
        with pytest.raises(InputError, match="no image sha256") as error:
            images.manifest(digest_of(b"nothing"))
        assert error.value.where == "docker.io/acme/scorer"


def test_the_server_of_docker_hub_is_the_one_that_docker_asks() -> None:
    assert Registry("docker.io", "a/b", None)._base == "https://registry-1.docker.io/v2/a/b/"


def test_other_bytes_under_the_digest_are_undecided() -> None:
    registry = ListingRegistry()
    with registry.serve() as host:
        images, digest, manifest = pushed(host)
        registry.manifests[f"sha256:{digest}"] = (MANIFEST, manifest + b" ")
        with pytest.raises(UndecidedError, match="other bytes"):
            images.manifest(digest)


class _Storage(BaseHTTPRequestHandler):
    """Where a registry sends its clients for blobs; `given` is what they sent there."""

    given: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.given.append(self.headers.get("Authorization"))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"layer")


def _sending_to(address: str) -> type[BaseHTTPRequestHandler]:
    class Sends(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") is None:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="test"')
            else:
                self.send_response(307)
                self.send_header("Location", f"http://{address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Sends


def test_a_blob_that_lies_elsewhere_is_fetched_there_without_our_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIGF_OCI_USERNAME", USER)
    monkeypatch.setenv("AIGF_OCI_PASSWORD", PASSWORD)
    _Storage.given.clear()
    with serving(_Storage) as storage, serving(_sending_to(storage)) as host:
        images = RegistryImages(host, "acme/scorer")
        assert b"".join(images.blob(digest_of(b"layer"))) == b"layer"
    assert _Storage.given == [None]
