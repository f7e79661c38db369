"""Keyless, through the real command: attest and verify against a Sigstore on the loopback."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from aigf_dvc.stores.git_ref import REF
from tests.independent.programs import cosign_verify_keyless, javascript_verify
from tests.local_sigstore.server import LocalSigstore
from tests.playground import MODEL, Playground, statement_of

ISSUER = "https://issuer.test.example"
WORKFLOW = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
PREDICATE = "https://aigf-dvc.readthedocs.io/predicates/deployment/v1"


@pytest.fixture
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running
        assert running.errors == []


def attest(
    playground: Playground, sigstore: LocalSigstore, *more: str, rekor: Literal[1, 2] = 2
) -> Path:
    """Attest the project's model keyless; the repository is the one that the certificate names."""
    playground.git("remote", "add", "origin", "https://github.com/acme/models.git")
    config = playground.root.parent / "trust-config.json"
    config.write_text(json.dumps(sigstore.trust_config(rekor=rekor)))
    claims = {
        "repository_uri": "https://github.com/acme/models",
        "sha": playground.git("rev-parse", "HEAD"),
        "ref": "refs/heads/main",
    }
    bundle = playground.root.parent / "bundle.json"
    done = playground.aigf(
        "attest", "--keyless", "--trust-config", str(config), "--output", str(bundle),
        *more, extra={"AIGF_IDENTITY_TOKEN": sigstore.token(WORKFLOW, claims=claims)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (playground.root.parent / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    return bundle


def verify(
    playground: Playground, *more: str, identity: str = WORKFLOW, issuer: str = ISSUER
) -> str:
    done = playground.aigf(
        "verify", MODEL, "--from", "git", "--identity", identity, "--issuer", issuer,
        "--trusted-root", str(playground.root.parent / "root.json"),
        "--policy", "governance/policy.yaml", *more,
    )  # fmt: skip
    return f"{done.returncode} {' '.join(done.stdout.split())}"


@pytest.mark.parametrize("rekor", [1, 2])
def test_what_an_identity_attested_is_accepted(
    playground: Playground, sigstore: LocalSigstore, rekor: Literal[1, 2]
) -> None:
    attest(playground, sigstore, rekor=rekor)
    said = verify(playground)
    assert said.startswith("0 ")
    assert "ACCEPTED" in said
    assert "as the certificate says: https://github.com/acme/models" in said
    assert playground.git("rev-parse", "--verify", REF)


def test_a_summary_beside_it_is_in_the_name_of_the_workflow(
    playground: Playground, sigstore: LocalSigstore
) -> None:
    bundle = attest(playground, sigstore, "--also", "vsa")
    summary: Any = statement_of(bundle.read_bytes().splitlines()[1])["predicate"]
    assert summary["verifier"] == {"id": WORKFLOW}
    assert summary["resourceUri"].startswith("git+https://github.com/acme/models.git@")
    assert verify(playground).startswith("0 ")


def test_another_identity_or_issuer_is_refused(
    playground: Playground, sigstore: LocalSigstore
) -> None:
    attest(playground, sigstore)
    other = WORKFLOW.replace("acme", "evil")
    assert "REFUSED at step 2" in verify(playground, identity=other)
    assert "REFUSED at step 2" in verify(playground, issuer="https://issuer.evil.example")


def test_another_sigstore_is_not_trusted(playground: Playground, sigstore: LocalSigstore) -> None:
    attest(playground, sigstore)
    with LocalSigstore(issuer=ISSUER) as other:
        (playground.root.parent / "root.json").write_text(json.dumps(other.trusted_root()))
    assert "REFUSED at step 2" in verify(playground)


def test_a_certificate_of_another_commit_is_refused(
    playground: Playground, sigstore: LocalSigstore
) -> None:
    config = playground.root.parent / "trust-config.json"
    config.write_text(json.dumps(sigstore.trust_config(rekor=2)))
    playground.git("remote", "add", "origin", "https://github.com/acme/models.git")
    claims = {"repository_uri": "https://github.com/acme/models", "sha": "0" * 40}
    done = playground.aigf(
        "attest", "--keyless", "--trust-config", str(config),
        extra={"AIGF_IDENTITY_TOKEN": sigstore.token(WORKFLOW, claims=claims)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (playground.root.parent / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    assert "REFUSED at step 4, source" in verify(playground)


def test_a_key_bundle_never_passes_for_an_identity(
    playground: Playground, sigstore: LocalSigstore, tmp_path: Path
) -> None:
    key = tmp_path / "release.key"
    playground.aigf("key", "generate", str(key), "--no-passphrase")
    assert playground.aigf("attest", "--key", str(key)).returncode == 0
    (playground.root.parent / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    assert "REFUSED at step 2" in verify(playground)


def test_the_public_log_needs_consent(playground: Playground, sigstore: LocalSigstore) -> None:
    done = playground.aigf(
        "attest", "--keyless", extra={"AIGF_IDENTITY_TOKEN": sigstore.token(WORKFLOW)}
    )
    assert done.returncode == 2
    assert "--yes-publish" in done.stderr
    assert playground.git("for-each-ref", REF) == ""


@pytest.mark.parametrize("rekor", [1, 2])
def test_other_verifiers_accept_our_keyless_bundles_and_no_changed_one(
    playground: Playground, sigstore: LocalSigstore, rekor: Literal[1, 2]
) -> None:
    bundle = attest(playground, sigstore, rekor=rekor)
    root = playground.root.parent / "root.json"
    signer = (WORKFLOW, ISSUER)
    model = playground.root / MODEL
    assert javascript_verify(bundle, trusted_root=root, signer=signer).returncode == 0
    assert cosign_verify_keyless(bundle, root, signer, model, PREDICATE).returncode == 0
    document = json.loads(bundle.read_text())
    payload = document["dsseEnvelope"]["payload"]
    document["dsseEnvelope"]["payload"] = payload[:-8] + "AAAAAAA="
    bundle.write_text(json.dumps(document))
    assert javascript_verify(bundle, trusted_root=root, signer=signer).returncode != 0
    assert cosign_verify_keyless(bundle, root, signer, model, PREDICATE).returncode != 0
