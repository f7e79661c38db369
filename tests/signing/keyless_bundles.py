"""Keyless bundles in tests: signed, edited, and how they are refused."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from aigf_dvc.attestation.verification import StepName, Verification
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.open import KeylessSigner
from aigf_dvc.signing.verify import verify_bundle
from tests.attestation.builders import COMMIT, DEPLOYED, REPOSITORY, a_payload, some_demands
from tests.local_sigstore.server import LocalSigstore

Json = dict[str, Any]  # Any: a document that tests edit at will
Rekor = Literal[1, 2]
ISSUER = "https://issuer.test.example"
PERSON = "dev@example.com"
WORKFLOW = "https://github.com/acme/models/.github/workflows/attest.yml@refs/heads/main"
CLAIMS = {"repository_uri": REPOSITORY, "sha": COMMIT, "ref": "refs/heads/main"}
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@cache
def now() -> dt.datetime:
    """Return the time at which the first of these tests runs: collecting them was long ago."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@cache
def the_payload() -> bytes:
    return a_payload(issued_on=now())


ALL_KINDS = [(1, True), (1, False), (2, True)]


def as_bytes(document: Json) -> bytes:
    return json.dumps(document).encode()


def signed(
    sigstore: LocalSigstore,
    rekor: Rekor = 1,
    *,
    timestamp: bool = True,
    payload: bytes | None = None,
    identity: str = PERSON,
    claims: dict[str, str] | None = None,
) -> bytes:
    return sign_keyless(
        the_payload() if payload is None else payload,
        trust_config=as_bytes(sigstore.trust_config(rekor=rekor, timestamp=timestamp)),
        identity_token=sigstore.token(identity, claims=claims),
        consent_public=False,
        interactive=False,
    )


def verified(
    bundle: bytes, root: bytes, *, identity: str = PERSON, issuer: str = ISSUER
) -> Verification:
    return verify_bundle(
        bundle,
        artifact=DEPLOYED,
        signer=KeylessSigner(identity=identity, issuer=issuer, trusted_root=root),
        demands=some_demands(at=now()),
    )


def refusal(bundle: bytes, root: bytes, **signer: str) -> str:
    verification = verified(bundle, root, **signer)
    assert not verification.accepted
    assert verification.exit_code == 1
    stopped = verification.stopped_at
    assert stopped is not None
    assert stopped.name in (StepName.BUNDLE, StepName.SIGNATURE)
    assert "\n" not in stopped.detail.partition("\nto do: ")[0]
    return stopped.detail


def edited(bundle: bytes, edit: Callable[[Json], object]) -> bytes:
    document = json.loads(bundle)
    edit(document)
    return json.dumps(document).encode()


def entry(document: Json) -> Json:
    found: Json = document["verificationMaterial"]["tlogEntries"][0]
    return found


def another_payload(document: Json) -> None:
    other = a_payload(issued_on=now(), environment="staging")
    document["dsseEnvelope"]["payload"] = base64.b64encode(other).decode()


def another_signature(document: Json) -> None:
    signature = document["dsseEnvelope"]["signatures"][0]
    changed = bytearray(base64.b64decode(signature["sig"]))
    changed[-1] ^= 1
    signature["sig"] = base64.b64encode(changed).decode()


def no_log_entry(document: Json) -> None:
    document["verificationMaterial"]["tlogEntries"] = []


def two_log_entries(document: Json) -> None:
    document["verificationMaterial"]["tlogEntries"] *= 2


def no_proof(document: Json) -> None:
    del entry(document)["inclusionProof"]


def another_root_hash(document: Json) -> None:
    entry(document)["inclusionProof"]["rootHash"] = base64.b64encode(b"\0" * 32).decode()


def an_unknown_field(document: Json) -> None:
    entry(document)["extra"] = 1


def another_body(document: Json) -> None:
    entry(document)["canonicalizedBody"] = base64.b64encode(b"{}").decode()


def no_time(document: Json) -> None:
    document["verificationMaterial"].pop("timestampVerificationData", None)
    entry(document).pop("inclusionPromise", None)


def too_many_timestamps(document: Json) -> None:
    document["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"] *= 5


def a_broken_timestamp(document: Json) -> None:
    data = document["verificationMaterial"]["timestampVerificationData"]
    data["rfc3161Timestamps"][0]["signedTimestamp"] = "AAAA"


def another_certificate(document: Json) -> None:
    document["verificationMaterial"]["certificate"]["rawBytes"] = "AAAA"


def sign(config: bytes | None, token: str | None, *, consent: bool = False) -> bytes:
    return sign_keyless(
        the_payload(),
        trust_config=config,
        identity_token=token,
        consent_public=consent,
        interactive=False,
    )
