"""A registry keeps attestations, whether it lists referrers or its clients must."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored, Unreadable
from aigf_dvc.stores.oci import OciStore, open_oci
from aigf_dvc.stores.oci_registry import INDEX, MANIFEST, Registry
from tests.serving import serving
from tests.stores.registries import PASSWORD, USER, ListingRegistry, docker_registry

MODEL = sha256(b"model")
GOOD = Stored(model=MODEL, ending=BUNDLE, data=b"one")
BESIDE = Stored(model=MODEL, ending=EVIDENCE, data=b"two")


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the logins of whoever runs these tests out of them."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nobody"))
    for name in ("AIGF_OCI_USERNAME", "AIGF_OCI_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["docker-registry", "lists-referrers"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "docker-registry":
        with docker_registry(tmp_path) as address:
            yield address
    else:
        with ListingRegistry().serve() as address:
            yield address


def the_store(host: str) -> OciStore:
    return open_oci(f"oci://{host}/acme/models")


def test_what_was_added_is_found_by_its_digest_from_elsewhere(host: str) -> None:
    the_store(host).add((GOOD, BESIDE))
    the_store(host).add((GOOD,))
    assert set(the_store(host).find(MODEL)) == {GOOD, BESIDE}
    assert the_store(host).find(sha256(b"other")) == ()
    assert set(the_store(host).all()) == {GOOD, BESIDE}


def test_an_empty_repository_is_an_empty_store(host: str) -> None:
    assert the_store(host).find(MODEL) == ()
    assert list(the_store(host).all()) == []


def test_writers_at_the_same_time_lose_nothing(host: str) -> None:
    items = [Stored(model=MODEL, ending=BUNDLE, data=f"bundle {n}".encode()) for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda item: the_store(host).add((item,)), items))
    assert set(the_store(host).find(MODEL)) == set(items)


def test_an_entry_that_the_list_lost_is_found_and_put_back(tmp_path: Path) -> None:
    with docker_registry(tmp_path) as host:
        store, registry = the_store(host), Registry(host, "acme/models", None)
        store.add((GOOD,))
        registry.put({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}, f"sha256-{MODEL}")
        assert store.find(MODEL) == (GOOD,)
        store.add((BESIDE,))
        found = registry.manifest(f"sha256-{MODEL}")
        assert found is not None
        assert len(list(found[0]["manifests"])) == 2  # type: ignore[arg-type]  # a JSON list


def test_another_clients_bundle_is_found_and_its_list_kept(tmp_path: Path) -> None:
    """As cosign writes it: the index calls every entry empty, and there is no tag of ours."""
    with docker_registry(tmp_path) as host:
        registry = Registry(host, "acme/models", None)
        config = registry.blob(b"{}", "application/vnd.oci.empty.v1+json")
        layer = registry.blob(b"theirs", "application/vnd.dev.sigstore.bundle.v0.3+json")
        manifest: dict[str, Json] = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.as_json(),
            "layers": [layer.as_json()],
            "subject": {"mediaType": MANIFEST, "digest": f"sha256:{MODEL}", "size": 1},
        }
        data = dumps(manifest)
        registry.put(manifest, f"sha256:{sha256(data)}")
        entry: Json = {
            "mediaType": MANIFEST,
            "digest": f"sha256:{sha256(data)}",
            "size": len(data),
            "artifactType": "application/vnd.oci.empty.v1+json",
        }
        index: dict[str, Json] = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}
        registry.put(index, f"sha256-{MODEL}")
        theirs = Stored(model=MODEL, ending=BUNDLE, data=b"theirs")
        assert the_store(host).find(MODEL) == (theirs,)
        the_store(host).add((GOOD,))
        assert set(the_store(host).find(MODEL)) == {theirs, GOOD}


def test_what_is_not_about_the_model_or_not_what_it_says_is_left_out() -> None:
    registry = ListingRegistry()
    with registry.serve() as host:
        the_store(host).add((GOOD,))
        (digest,) = [d for d, (_, body) in registry.manifests.items() if b"subject" in body]
        manifest = json.loads(registry.manifests[digest][1])
        other = sha256(b"other")
        moved = json.dumps(manifest).encode()
        registry.keep(f"sha256-{other}.aigf-{'0' * 40}", MANIFEST, moved)
        assert the_store(host).find(other) == ()
        assert Unreadable(name=f"sha256-{other}.aigf-{'0' * 40}") in list(the_store(host).all())
        registry.blobs[manifest["layers"][0]["digest"]] = b"other bytes"
        assert the_store(host).find(MODEL) == ()


def test_a_manifest_that_is_not_what_its_digest_says_is_undecided() -> None:
    registry = ListingRegistry()
    with registry.serve() as host:
        the_store(host).add((GOOD,))
        for digest, (media_type, body) in registry.manifests.items():
            registry.manifests[digest] = (media_type, body + b" ")
        with pytest.raises(UndecidedError, match="other bytes"):
            the_store(host).find(MODEL)


def test_a_registry_that_wants_a_login_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with docker_registry(tmp_path, login=True) as host:
        with pytest.raises(InputError, match="refuses: 401") as refused:
            the_store(host).find(MODEL)
        assert "docker login" in refused.value.hint
        monkeypatch.setenv("AIGF_OCI_USERNAME", USER)
        monkeypatch.setenv("AIGF_OCI_PASSWORD", PASSWORD)
        the_store(host).add((GOOD,))
        assert the_store(host).find(MODEL) == (GOOD,)
        monkeypatch.setenv("AIGF_OCI_PASSWORD", "wrong")
        with pytest.raises(InputError, match="refuses: 401") as refused:
            the_store(host).find(MODEL)
        assert "wrong" not in str(refused.value)


def test_a_registry_that_does_not_answer_is_undecided() -> None:
    with pytest.raises(UndecidedError, match="did not answer"):
        the_store("127.0.0.1:9").find(MODEL)


@pytest.mark.parametrize(
    "address",
    [
        "oci://",
        "oci://host",
        "oci://host/Upper",
        "oci://host/a:tag",
        "oci://u:p@host/a",
        "oci://h/../a",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="without a tag"):
        open_oci(address)


def answering(body: bytes, status: int = 200, **headers: str) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Answers


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    bomb = gzip.compress(b"[" * (64 << 20))
    tracemalloc.start()
    try:
        with (
            serving(answering(bomb, Content_Encoding="gzip")) as host,
            pytest.raises(UndecidedError, match="expected a manifest"),
        ):
            the_store(host).find(MODEL)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("realm", ["http://127.0.0.1:80@127.0.0.2/t", "http://10.0.0.1/t"])
def test_no_token_is_asked_for_without_encryption_elsewhere(realm: str) -> None:
    challenge = f'Bearer realm="{realm}",service="x"'
    with (
        serving(answering(b"", 401, WWW_Authenticate=challenge)) as host,
        pytest.raises(UndecidedError, match="tokens from"),
    ):
        the_store(host).find(MODEL)
