"""Verifiers that share no code with ours accept our bundles, and refuse the tampered ones."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.signature_only import check_signature
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.digests import sha256
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeylessSigner, KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.attestation.builders import MODEL_BYTES, a_payload
from tests.independent.programs import (
    cosign_sign,
    cosign_sign_keyless,
    cosign_verify,
    cosign_verify_keyless,
    javascript_verify,
)
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement

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


def ours_says(bundle: Path, model: Path, key: bytes) -> bool:
    signer = KeySigner(public_key=load_public_key(key, where="test"))
    return check_signature(model, bundle.read_bytes(), signer=signer).verified


@pytest.mark.parametrize("attested", [False, True])
def test_what_cosign_signs_with_a_key_is_verified_here(tmp_path: Path, *, attested: bool) -> None:
    model = written(tmp_path / "model.pkl", MODEL_BYTES)
    bundle, key = cosign_sign(model, tmp_path, attested=attested)
    assert ours_says(bundle, model, key)
    assert not ours_says(bundle, model, generate_key(None)[1])
    written(model, MODEL_BYTES + b"!")
    assert not ours_says(bundle, model, key)


@pytest.mark.parametrize("attested", [False, True])
def test_what_cosign_signs_with_an_identity_is_verified_here(
    sigstore: LocalSigstore, tmp_path: Path, *, attested: bool
) -> None:
    model = written(tmp_path / "model.pkl", MODEL_BYTES)
    claims = sigstore.token(SIGNER[0], claims={"email_verified": "true"}).split(".")[1]
    header = base64.urlsafe_b64encode(b'{"alg":"RS256"}').decode().rstrip("=")
    token = f"{header}.{claims}.{'A' * 342}"  # cosign looks at its form, and nobody at the rest
    config = sigstore.trust_config(rekor=2)
    bundle = cosign_sign_keyless(model, tmp_path, config, token, attested=attested)
    root = json.dumps(sigstore.trusted_root()).encode()
    signer = KeylessSigner(identity=SIGNER[0], issuer=SIGNER[1], trusted_root=root)
    assert check_signature(model, bundle.read_bytes(), signer=signer).verified
    written(model, MODEL_BYTES + b"!")
    assert not check_signature(model, bundle.read_bytes(), signer=signer).verified


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("verb", ["sign", "attest"])
def test_what_sigstore_signs_is_verified_here(
    sigstore: LocalSigstore, rekor: Rekor, verb: str, tmp_path: Path
) -> None:
    model = written(tmp_path / "model.pkl", MODEL_BYTES)
    config = written(tmp_path / "config", json.dumps(sigstore.trust_config(rekor=rekor)).encode())
    bundle = tmp_path / "bundle.json"
    command = ["--trust-config", str(config), verb, "--bundle", str(bundle)]
    command += ["--identity-token", sigstore.token(SIGNER[0])]
    if verb == "attest":
        builder = {"runDetails": {"builder": {"id": "x"}}}
        work = {"buildType": "x", "externalParameters": {}, "resolvedDependencies": []}
        predicate = json.dumps(builder | {"buildDefinition": work}).encode()
        command += ["--predicate", str(written(tmp_path / "predicate", predicate))]
        command += ["--predicate-type", "https://slsa.dev/provenance/v1"]
    run = subprocess.run(
        [sys.executable, "-m", "sigstore", *command, str(model)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    root = json.dumps(sigstore.trusted_root()).encode()
    signer = KeylessSigner(identity=SIGNER[0], issuer=SIGNER[1], trusted_root=root)
    assert check_signature(model, bundle.read_bytes(), signer=signer).verified
    eve = replace(signer, identity="eve@example.com")
    assert not check_signature(model, bundle.read_bytes(), signer=eve).verified
    written(model, MODEL_BYTES + b"!")
    assert not check_signature(model, bundle.read_bytes(), signer=signer).verified
