"""An instance's trust material is fetched once, and verifications then need no network."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_sigstore.server import LocalSigstore
from tests.local_sigstore.tuf_repository import TufRepository
from tests.playground import MODEL, Playground
from tests.serving import serving_files

ISSUER = "https://issuer.test.example"
PERSON = "dev@example.com"


@pytest.fixture
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running


def test_an_own_instance_is_used_by_its_address_and_verified_without_it(
    playground: Playground, sigstore: LocalSigstore, tmp_path: Path
) -> None:
    folder, config = tmp_path / "tuf", str(tmp_path / "corp.json")
    repository = TufRepository(folder)
    repository.publish(sigstore.trust_config(rekor=1))
    fetch = ["instance", "fetch", "--output", config, "--tuf-url"]
    token = {"AIGF_IDENTITY_TOKEN": sigstore.token(PERSON)}
    with serving_files(folder) as host:
        url = f"http://{host}"
        unknown = playground.aigf(*fetch, url)
        nothing_yet = not Path(config).exists()
        attested = playground.aigf(
            "attest", "--tuf-url", url, "--tuf-root", str(repository.root), extra=token
        )
        fetched = playground.aigf(*fetch, url)
    assert (unknown.returncode, nothing_yet) == (2, True)
    assert "--tuf-root FILE" in unknown.stderr
    assert attested.returncode == 0, attested.stderr
    assert "--identity ID --issuer URL" in attested.stderr
    assert fetched.returncode == 0, fetched.stderr
    assert json.loads(Path(config).read_text())["signingConfig"]
    verified = playground.aigf(
        "verify", MODEL, "--from", "git", "--any-policy", "--trusted-root", config,
        "--issuer", ISSUER, "--identity", PERSON,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout
    gone = playground.aigf(*fetch, url)
    assert gone.returncode == 3
    assert "trust material" in gone.stderr
