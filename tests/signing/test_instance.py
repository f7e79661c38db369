"""An instance's trust material comes by TUF, from a root that the caller was handed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.instance import fetch_trust_config
from aigf_dvc.signing.keyless import sign_keyless, verify_keyless
from tests.attestation.builders import a_payload
from tests.local_sigstore.server import LocalSigstore
from tests.local_sigstore.tuf_repository import TufRepository
from tests.serving import serving_files

ISSUER = "https://issuer.test.example"
PERSON = "dev@example.com"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what TUF remembers of these repositories out of the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running


@pytest.fixture
def repository(tmp_path: Path, sigstore: LocalSigstore) -> TufRepository:
    made = TufRepository(tmp_path / "tuf")
    made.publish(sigstore.trust_config())
    return made


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serving_files(tmp_path / "tuf") as host:
        yield f"http://{host}"


def test_what_the_instance_publishes_signs_and_verifies(
    repository: TufRepository, url: str, sigstore: LocalSigstore
) -> None:
    config = fetch_trust_config(url, repository.root)
    bundle = sign_keyless(
        a_payload(),
        trust_config=config,
        identity_token=sigstore.token(PERSON),
        consent_public=False,
        interactive=False,
    )
    found = verify_keyless(
        parse_bundle(bundle), identity=PERSON, issuer=ISSUER, trusted_root=config
    )
    assert found.payload == a_payload()


def test_the_first_root_never_comes_from_the_network(repository: TufRepository, url: str) -> None:
    with pytest.raises(InputError) as refused:
        fetch_trust_config(url, None)
    assert refused.value.expected == "--tuf-root FILE"
    fetch_trust_config(url, repository.root)
    assert fetch_trust_config(url, None), "the machine has begun before"


def test_a_root_of_another_repository_is_refused(
    repository: TufRepository, url: str, tmp_path: Path
) -> None:
    other = TufRepository(tmp_path / "other")
    assert other.root.read_bytes() != repository.root.read_bytes()
    with pytest.raises(UndecidedError, match="not signed by the keys that your root names"):
        fetch_trust_config(url, other.root)


def test_what_is_newer_is_fetched(
    repository: TufRepository, url: str, sigstore: LocalSigstore
) -> None:
    fetch_trust_config(url, repository.root)
    repository.publish(renamed(sigstore))
    assert b"https://newer.example" in fetch_trust_config(url, repository.root)


def test_what_is_older_than_was_seen_is_refused(
    repository: TufRepository, url: str, sigstore: LocalSigstore, tmp_path: Path
) -> None:
    folder, kept = tmp_path / "tuf", tmp_path / "kept"
    shutil.copytree(folder, kept)
    repository.publish(renamed(sigstore))
    fetch_trust_config(url, repository.root)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    with pytest.raises(UndecidedError, match="older metadata than was seen before"):
        fetch_trust_config(url, repository.root)


def test_what_has_expired_is_refused(
    repository: TufRepository, url: str, sigstore: LocalSigstore
) -> None:
    repository.publish(sigstore.trust_config(), days=-1)
    with pytest.raises(UndecidedError, match="expired"):
        fetch_trust_config(url, repository.root)


def test_what_other_keys_signed_is_refused(
    repository: TufRepository, url: str, sigstore: LocalSigstore
) -> None:
    repository.lose_keys()
    repository.publish(sigstore.trust_config())
    with pytest.raises(UndecidedError, match="not signed by the keys that your root names"):
        fetch_trust_config(url, repository.root)


def test_another_file_than_the_metadata_says_is_refused(
    repository: TufRepository, url: str, tmp_path: Path
) -> None:
    target = tmp_path / "tuf/targets/trusted_root.json"
    target.write_bytes(target.read_bytes().replace(b"sigstore.test", b"sigstore.evil"))
    with pytest.raises(UndecidedError, match="another than its metadata says"):
        fetch_trust_config(url, repository.root)


def test_an_address_that_does_not_answer_leaves_it_undecided(
    repository: TufRepository, tmp_path: Path
) -> None:
    with pytest.raises(UndecidedError, match=r"127\.0\.0\.1"):
        fetch_trust_config("http://127.0.0.1:9", repository.root)
    with pytest.raises(InputError, match="http or https"):
        fetch_trust_config(str(tmp_path), repository.root)
    with pytest.raises(InputError, match="no such file"):
        fetch_trust_config("http://127.0.0.1:9", tmp_path / "absent.json")


def test_a_root_that_is_none_is_refused(
    repository: TufRepository, url: str, tmp_path: Path
) -> None:
    none = tmp_path / "root.json"
    none.write_text("{}")
    with pytest.raises(UndecidedError, match="trust material"):
        fetch_trust_config(url, none)
    assert json.loads(repository.root.read_text())["signed"]["_type"] == "root"


def renamed(sigstore: LocalSigstore) -> dict[str, Any]:
    config = sigstore.trust_config()
    config["signingConfig"]["oidcUrls"][0]["url"] = "https://newer.example"
    return config
