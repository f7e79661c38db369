"""Verifiers that share no code with ours accept our bundles, and refuse the tampered ones."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.digests import sha256
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import generate_key, load_private_key, sign_statement
from tests.attestation.builders import MODEL_BYTES, a_payload
from tests.independent.programs import cosign_verify, cosign_verify_keyless, javascript_verify
from tests.local_sigstore.server import LocalSigstore

pytestmark = pytest.mark.slow

Json = dict[str, Any]  # Any: a document that tests edit at will
Rekor = Literal[1, 2]

SIGNER = ("dev@example.com", "https://issuer.test.example")
DIGEST = sha256(MODEL_BYTES)


def another_payload(document: Json) -> None:
    other = a_payload(environment="staging")
    document["dsseEnvelope"]["payload"] = base64.b64encode(other).decode()


def another_signature(document: Json) -> None:
    signature = document["dsseEnvelope"]["signatures"][0]
    changed = bytearray(base64.b64decode(signature["sig"]))
    changed[-1] ^= 1
    signature["sig"] = base64.b64encode(changed).decode()


def another_payload_type(document: Json) -> None:
    document["dsseEnvelope"]["payloadType"] = "application/json"


TAMPERING = (another_payload, another_signature, another_payload_type)


def tampered(bundle: bytes, tamper: Callable[[Json], None]) -> bytes:
    document = json.loads(bundle)
    tamper(document)
    return json.dumps(document).encode()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def keys() -> tuple[bytes, bytes]:
    return generate_key(None)


@pytest.fixture(scope="module")
def by_key(keys: tuple[bytes, bytes]) -> bytes:
    return sign_statement(a_payload(), load_private_key(keys[0], None, where="test"))


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=SIGNER[1]) as server:
        yield server


def by_identity(sigstore: LocalSigstore, rekor: Rekor) -> bytes:
    return sign_keyless(
        a_payload(),
        trust_config=json.dumps(sigstore.trust_config(rekor=rekor)).encode(),
        identity_token=sigstore.token(SIGNER[0]),
        consent_public=False,
        interactive=False,
    )


def test_javascript_accepts_what_a_key_signed_and_refuses_the_rest(
    by_key: bytes, keys: tuple[bytes, bytes], tmp_path: Path
) -> None:
    bundle = written(tmp_path / "bundle.json", by_key)
    key = written(tmp_path / "key.pub", keys[1])
    run = javascript_verify(bundle, key=key, artifact_digest=DIGEST)
    assert run.returncode == 0, run.stdout + run.stderr

    other_key = written(tmp_path / "other.pub", generate_key(None)[1])
    assert javascript_verify(bundle, key=other_key).returncode == 1
    assert javascript_verify(bundle, key=key, artifact_digest=sha256(b"other")).returncode == 1
    for tamper in TAMPERING:
        written(bundle, tampered(by_key, tamper))
        assert javascript_verify(bundle, key=key).returncode == 1, tamper


def test_cosign_accepts_what_a_key_signed_and_refuses_the_rest(
    by_key: bytes, keys: tuple[bytes, bytes], tmp_path: Path
) -> None:
    bundle = written(tmp_path / "bundle.json", by_key)
    key = written(tmp_path / "key.pub", keys[1])
    model = written(tmp_path / "model.pkl", MODEL_BYTES)
    run = cosign_verify(bundle, key, model, DEPLOYMENT)
    assert run.returncode == 0, run.stdout + run.stderr

    other_key = written(tmp_path / "other.pub", generate_key(None)[1])
    assert cosign_verify(bundle, other_key, model, DEPLOYMENT).returncode != 0
    assert cosign_verify(bundle, key, model, "https://example.com/other").returncode != 0
    other_model = written(tmp_path / "other.pkl", MODEL_BYTES + b"!")
    assert cosign_verify(bundle, key, other_model, DEPLOYMENT).returncode != 0
    for tamper in TAMPERING:
        written(bundle, tampered(by_key, tamper))
        assert cosign_verify(bundle, key, model, DEPLOYMENT).returncode != 0, tamper


@pytest.mark.parametrize("rekor", [1, 2])
def test_javascript_accepts_what_an_identity_signed_and_refuses_the_rest(
    sigstore: LocalSigstore, rekor: Rekor, tmp_path: Path
) -> None:
    signed = by_identity(sigstore, rekor)
    bundle = written(tmp_path / "bundle.json", signed)
    root = written(tmp_path / "root.json", json.dumps(sigstore.trusted_root()).encode())
    run = javascript_verify(bundle, trusted_root=root, signer=SIGNER, artifact_digest=DIGEST)
    assert run.returncode == 0, run.stdout + run.stderr

    eve = ("eve@example.com", SIGNER[1])
    assert javascript_verify(bundle, trusted_root=root, signer=eve).returncode == 1
    for tamper in TAMPERING:
        written(bundle, tampered(signed, tamper))
        run = javascript_verify(bundle, trusted_root=root, signer=SIGNER)
        assert run.returncode == 1, tamper


@pytest.mark.parametrize("rekor", [1, 2])
def test_cosign_accepts_what_an_identity_signed_and_refuses_the_rest(
    sigstore: LocalSigstore, rekor: Rekor, tmp_path: Path
) -> None:
    signed = by_identity(sigstore, rekor)
    bundle = written(tmp_path / "bundle.json", signed)
    root = written(tmp_path / "root.json", json.dumps(sigstore.trusted_root()).encode())
    model = written(tmp_path / "model.pkl", MODEL_BYTES)
    run = cosign_verify_keyless(bundle, root, SIGNER, model, DEPLOYMENT)
    assert run.returncode == 0, run.stdout + run.stderr

    eve = ("eve@example.com", SIGNER[1])
    assert cosign_verify_keyless(bundle, root, eve, model, DEPLOYMENT).returncode != 0
    for tamper in TAMPERING:
        written(bundle, tampered(signed, tamper))
        run = cosign_verify_keyless(bundle, root, SIGNER, model, DEPLOYMENT)
        assert run.returncode != 0, tamper
