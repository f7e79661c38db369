"""The independent verifiers accept what is right, and refuse all else for the right reason."""

import base64
import datetime as dt
import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sigstore.dsse import Statement
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from tests.independent import programs
from tests.independent.key_bundle import PREDICATE_TYPE, public_pem, signed_bundle, statement_about
from tests.independent.programs import (
    ProgramUnavailable,
    cosign_verify,
    cosign_verify_keyless,
    javascript_verify,
    obtained,
)
from tests.local_sigstore.server import LocalSigstore

MODEL = b"the bytes of a model"
MODEL_DIGEST = hashlib.sha256(MODEL).hexdigest()
OTHER = b"the bytes of another model"
OTHER_DIGEST = hashlib.sha256(OTHER).hexdigest()
WORKFLOW = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
ISSUER = "https://issuer.test.example"
SIGNER = (WORKFLOW, ISSUER)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

Json = dict[str, Any]  # Any: a document that tests edit at will
Edit = Callable[[Json], None]
Run = subprocess.CompletedProcess[str]
RekorVersion = Literal[1, 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The files of one signed model; `trust` is the public key, or the trusted root."""

    model: Path
    bundle: Path
    trust: Path


def write_case(folder: Path, bundle: Json, trust: bytes) -> Case:
    case = Case(
        model=folder / "model.pkl",
        bundle=folder / "model.sigstore.json",
        trust=folder / "trust",
    )
    case.model.write_bytes(MODEL)
    case.bundle.write_text(json.dumps(bundle))
    case.trust.write_bytes(trust)
    return case


def tamper(case: Case, edit: Edit) -> None:
    bundle = json.loads(case.bundle.read_text())
    edit(bundle)
    case.bundle.write_text(json.dumps(bundle))


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running
    assert running.errors == []


@pytest.fixture
def keyed(tmp_path: Path) -> Case:
    key = ec.generate_private_key(ec.SECP256R1())
    bundle = signed_bundle(key, statement_about(MODEL, name="model.pkl"))
    return write_case(tmp_path, bundle, public_pem(key))


@pytest.fixture
def rekor_v1(sigstore: LocalSigstore, tmp_path: Path) -> Case:
    return write_case(tmp_path, sign_keylessly(sigstore, 1), root_of(sigstore))


@pytest.fixture
def rekor_v2(sigstore: LocalSigstore, tmp_path: Path) -> Case:
    return write_case(tmp_path, sign_keylessly(sigstore, 2), root_of(sigstore))


@pytest.fixture(params=["rekor_v1", "rekor_v2"])
def keyless(request: pytest.FixtureRequest) -> Case:
    case: Case = request.getfixturevalue(request.param)
    return case


def root_of(sigstore: LocalSigstore, **until: dt.datetime) -> bytes:
    return json.dumps(sigstore.trusted_root(**until)).encode()


def sign_keylessly(sigstore: LocalSigstore, rekor: RekorVersion, *, timestamp: bool = True) -> Json:
    config = json.dumps(sigstore.trust_config(rekor=rekor, timestamp=timestamp))
    context = SigningContext.from_trust_config(ClientTrustConfig.from_json(config))
    with context.signer(IdentityToken(sigstore.token(WORKFLOW))) as signer:
        bundle = signer.sign_dsse(Statement(statement_about(MODEL, name="model.pkl")))
    content: Json = json.loads(bundle.to_json())
    return content


def edit_payload(bundle: Json) -> None:
    envelope = bundle["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    assert b'"denied"' in payload
    envelope["payload"] = base64.b64encode(payload.replace(b'"denied"', b'"passed"')).decode()


def edit_signature(bundle: Json) -> None:
    (signature,) = bundle["dsseEnvelope"]["signatures"]
    content = bytearray(base64.b64decode(signature["sig"]))
    content[-1] ^= 1
    signature["sig"] = base64.b64encode(content).decode()


def drop_log_entry(bundle: Json) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def drop_timestamps(bundle: Json) -> None:
    del bundle["verificationMaterial"]["timestampVerificationData"]


def verify_keyed(case: Case) -> tuple[Run, Run]:
    """Return what sigstore-js and cosign say."""
    return (
        javascript_verify(case.bundle, key=case.trust),
        cosign_verify(case.bundle, case.trust, case.model, PREDICATE_TYPE),
    )


def verify_keyless(case: Case, signer: tuple[str, str] = SIGNER) -> tuple[Run, Run]:
    """Return what sigstore-js and cosign say."""
    return (
        javascript_verify(case.bundle, trusted_root=case.trust, signer=signer),
        cosign_verify_keyless(case.bundle, case.trust, signer, case.model, PREDICATE_TYPE),
    )


# A bare key


def test_javascript_accepts_a_key_bundle(keyed: Case) -> None:
    run = javascript_verify(keyed.bundle, key=keyed.trust, artifact_digest=MODEL_DIGEST)
    assert (run.returncode, json.loads(run.stdout)) == (0, {"verified": True})


def test_cosign_accepts_a_key_bundle(keyed: Case) -> None:
    run = cosign_verify(keyed.bundle, keyed.trust, keyed.model, PREDICATE_TYPE)
    assert run.returncode == 0, run.stderr
    assert "Verified OK" in run.stderr


@pytest.mark.parametrize("edit", [edit_payload, edit_signature])
def test_both_refuse_a_tampered_key_bundle(keyed: Case, edit: Edit) -> None:
    tamper(keyed, edit)
    javascript, go = verify_keyed(keyed)
    assert (javascript.returncode, go.returncode) == (1, 1)
    assert json.loads(javascript.stdout)["code"] == "SIGNATURE_ERROR"
    assert "could not verify envelope" in go.stderr


def test_both_refuse_another_key(keyed: Case) -> None:
    keyed.trust.write_bytes(public_pem(ec.generate_private_key(ec.SECP256R1())))
    javascript, go = verify_keyed(keyed)
    assert (javascript.returncode, go.returncode) == (1, 1)
    assert json.loads(javascript.stdout)["code"] == "SIGNATURE_ERROR"
    assert "could not verify envelope" in go.stderr


def test_javascript_refuses_another_artifact(keyed: Case) -> None:
    run = javascript_verify(keyed.bundle, key=keyed.trust, artifact_digest=OTHER_DIGEST)
    assert run.returncode == 1
    assert OTHER_DIGEST in json.loads(run.stdout)["reason"]


def test_cosign_refuses_another_artifact(keyed: Case) -> None:
    keyed.model.write_bytes(OTHER)
    run = cosign_verify(keyed.bundle, keyed.trust, keyed.model, PREDICATE_TYPE)
    assert run.returncode == 1
    assert "digests do not match" in run.stderr


def test_cosign_refuses_another_predicate_type(keyed: Case) -> None:
    run = cosign_verify(keyed.bundle, keyed.trust, keyed.model, "https://example.com/other/v1")
    assert run.returncode == 1
    assert "invalid predicate type" in run.stderr


# A certificate of Fulcio


def test_javascript_accepts_a_keyless_bundle(keyless: Case) -> None:
    run = javascript_verify(
        keyless.bundle, trusted_root=keyless.trust, signer=SIGNER, artifact_digest=MODEL_DIGEST
    )
    found = {"verified": True, "identity": WORKFLOW, "issuer": ISSUER}
    assert (run.returncode, json.loads(run.stdout)) == (0, found)


def test_cosign_accepts_a_keyless_bundle(keyless: Case) -> None:
    run = cosign_verify_keyless(
        keyless.bundle, keyless.trust, SIGNER, keyless.model, PREDICATE_TYPE
    )
    assert run.returncode == 0, run.stderr


def test_both_accept_rekor_v1_without_a_timestamp(sigstore: LocalSigstore, tmp_path: Path) -> None:
    bundle = sign_keylessly(sigstore, 1, timestamp=False)
    javascript, go = verify_keyless(write_case(tmp_path, bundle, root_of(sigstore)))
    assert (javascript.returncode, go.returncode) == (0, 0), javascript.stdout + go.stderr


def test_both_refuse_rekor_v2_without_a_timestamp(rekor_v2: Case) -> None:
    tamper(rekor_v2, drop_timestamps)
    javascript, go = verify_keyless(rekor_v2)
    assert (javascript.returncode, go.returncode) == (1, 1)
    assert json.loads(javascript.stdout)["code"] == "TIMESTAMP_ERROR"
    assert "timestamp" in go.stderr


@pytest.mark.parametrize("edit", [edit_payload, edit_signature, drop_log_entry])
def test_both_refuse_a_tampered_keyless_bundle(keyless: Case, edit: Edit) -> None:
    tamper(keyless, edit)
    javascript, go = verify_keyless(keyless)
    assert (javascript.returncode, go.returncode) == (1, 1), javascript.stdout + go.stderr


@pytest.mark.parametrize(
    "signer",
    [
        (WORKFLOW.replace("release", "other"), ISSUER),
        (WORKFLOW.replace("release.yml", "release.y.l"), ISSUER),  # matches, as an expression
        (WORKFLOW, "https://other.test.example"),
    ],
)
def test_both_refuse_another_signer(keyless: Case, signer: tuple[str, str]) -> None:
    javascript, go = verify_keyless(keyless, signer)
    assert (javascript.returncode, go.returncode) == (1, 1)
    assert ": expected https://" in json.loads(javascript.stdout)["reason"]
    assert "no matching CertificateIdentity" in go.stderr


def test_both_refuse_the_root_of_another_sigstore(keyless: Case) -> None:
    with LocalSigstore(issuer=ISSUER) as other:
        keyless.trust.write_bytes(root_of(other))
    javascript, go = verify_keyless(keyless)
    assert (javascript.returncode, go.returncode) == (1, 1)


def test_both_refuse_when_the_trust_in_the_authority_has_ended(
    keyless: Case, sigstore: LocalSigstore
) -> None:
    keyless.trust.write_bytes(root_of(sigstore, ca_valid_until=LONG_AGO))
    javascript, go = verify_keyless(keyless)
    assert json.loads(javascript.stdout)["code"] == "CERTIFICATE_ERROR"
    assert go.returncode == 1
    assert "certificate" in go.stderr


# An entry of Rekor v2 has no time of its own, and so neither program asks when its key was valid.
def test_both_refuse_when_the_trust_in_rekor_v1_has_ended(
    rekor_v1: Case, sigstore: LocalSigstore
) -> None:
    rekor_v1.trust.write_bytes(root_of(sigstore, log_valid_until=LONG_AGO))
    javascript, go = verify_keyless(rekor_v1)
    assert json.loads(javascript.stdout)["code"].startswith("TLOG")
    assert go.returncode == 1
    assert "log" in go.stderr


# The programs themselves


def test_a_wrong_call_of_the_javascript_verifier_is_no_verdict(keyed: Case) -> None:
    run = javascript_verify(keyed.bundle)
    assert (run.returncode, json.loads(run.stdout)["verified"]) == (2, False)


def test_a_program_that_could_be_had_makes_the_test_fail() -> None:
    def missing() -> str:
        raise ProgramUnavailable("cosign", "no network", obtainable=True)

    # A skip, were it raised here, would skip this test too.
    with pytest.raises((ProgramUnavailable, pytest.skip.Exception)) as raised:
        obtained(missing)
    assert raised.type is ProgramUnavailable
    assert str(raised.value) == "cosign: no network"


def test_a_program_that_cannot_be_had_makes_the_test_skip_by_name() -> None:
    def missing() -> str:
        raise ProgramUnavailable("cosign", "this platform is plan9", obtainable=False)

    with pytest.raises(pytest.skip.Exception, match="cosign: this platform is plan9"):
        obtained(missing)


def test_cosign_leaves_the_home_of_the_user_alone(
    keyed: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    obtained(programs.cosign)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert cosign_verify(keyed.bundle, keyed.trust, keyed.model, PREDICATE_TYPE).returncode == 0
    assert list(home.iterdir()) == []
