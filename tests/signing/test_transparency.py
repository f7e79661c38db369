"""A key's signature stands in the log that the judge trusts, or the bundle is refused."""

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

from aigf_dvc.attestation.verification import StepName, TimeSource, Verification
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae, parse_bundle
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.keys import signed_statement
from aigf_dvc.signing.log_upload import log_signature
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.transparency import verify_logged
from aigf_dvc.signing.verify import verify_bundle
from tests.attestation.builders import DEPLOYED, a_payload, some_demands
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement

Json = dict[str, Any]  # Any: a document that tests edit at will
Rekor = Literal[1, 2]

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
PAYLOAD = a_payload(issued_on=NOW)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
KEY = key_kinds.generate("p256")


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore() as running:
        yield running
        assert running.errors == []


def logged(sigstore: LocalSigstore, rekor: Rekor = 1, key: PrivateKey = KEY) -> bytes:
    signature, public = key_kinds.sign(key, pae(PAYLOAD)), key.public_key()
    entry = log_signature(PAYLOAD, signature, public, url=sigstore.url, version=rekor)
    return signed_statement(PAYLOAD, signature, public, entry=entry)


def root_of(sigstore: LocalSigstore, **until: dt.datetime) -> bytes:
    return json.dumps(sigstore.trusted_root(**until)).encode()


def verified(bundle: bytes, root: bytes, key: PrivateKey = KEY) -> Verification:
    return verify_bundle(
        bundle,
        artifact=DEPLOYED,
        signer=KeySigner(public_key=key.public_key(), logs=root),
        demands=some_demands(at=dt.datetime.now(dt.UTC)),
    )


def refusal(bundle: bytes, root: bytes) -> str:
    stopped = verified(bundle, root).stopped_at
    assert stopped is not None
    assert stopped.name in (StepName.BUNDLE, StepName.SIGNATURE)
    return stopped.detail


@pytest.mark.parametrize(
    ("rekor", "kind"),
    [(1, "p256"), (1, "p384"), (1, "p521"), (1, "ed25519"), (2, "p256"), (2, "p384"), (2, "p521")],
)
def test_a_signature_in_the_log_is_accepted(
    sigstore: LocalSigstore, rekor: Rekor, kind: str
) -> None:
    key = key_kinds.generate(kind)
    found = verified(logged(sigstore, rekor, key), root_of(sigstore), key)
    assert found.accepted, found.stopped_at
    assert "in a transparency log" in found.steps[1].detail
    assert "not verified" not in found.steps[0].detail
    assert found.signer is not None
    assert found.signer.time_source is (TimeSource.LOG if rekor == 1 else TimeSource.CLAIMED)


def test_a_signature_in_no_log_is_refused_where_a_log_is_demanded(sigstore: LocalSigstore) -> None:
    alone = sign_statement(PAYLOAD, KEY)
    assert "0 log entries" in refusal(alone, root_of(sigstore))


def test_nobody_has_to_look_at_the_log(sigstore: LocalSigstore) -> None:
    found = verify_bundle(
        logged(sigstore),
        artifact=DEPLOYED,
        signer=KeySigner(public_key=KEY.public_key()),
        demands=some_demands(at=NOW),
    )
    assert found.accepted
    assert "log" not in found.steps[1].detail


def test_the_log_of_another_sigstore_is_refused(sigstore: LocalSigstore) -> None:
    with LocalSigstore() as other:
        foreign = root_of(other)
    assert "an entry of the log" in refusal(logged(sigstore), foreign)


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_log_whose_trust_had_ended_is_refused(sigstore: LocalSigstore, rekor: Rekor) -> None:
    bundle = logged(sigstore, rekor)
    assert "was not trusted at" in refusal(bundle, root_of(sigstore, log_valid_until=LONG_AGO))
    to_come = root_of(sigstore, log_valid_until=NOW + dt.timedelta(days=1))
    assert verified(bundle, to_come).accepted is (rekor == 1), "no time, so nobody can tell"


def entry(document: Json) -> Json:
    found: Json = document["verificationMaterial"]["tlogEntries"][0]
    return found


def another_body(document: Json) -> None:
    entry(document)["canonicalizedBody"] = base64.b64encode(b"{}").decode()


def another_root(document: Json) -> None:
    entry(document)["inclusionProof"]["rootHash"] = base64.b64encode(b"\0" * 32).decode()


def a_larger_tree(document: Json) -> None:
    proof = entry(document)["inclusionProof"]
    proof["treeSize"] = str(int(proof["treeSize"]) + 1)


def no_proof(document: Json) -> None:
    del entry(document)["inclusionProof"]


def no_checkpoint(document: Json) -> None:
    del entry(document)["inclusionProof"]["checkpoint"]


def hashes_of_another_alphabet(document: Json) -> None:
    entry(document)["inclusionProof"]["hashes"] = ["***"]


def an_unsigned_checkpoint(document: Json) -> None:
    checkpoint = entry(document)["inclusionProof"]["checkpoint"]
    checkpoint["envelope"] = checkpoint["envelope"].replace("127.0.0.1", "127.0.0.2", 1)


def another_kind(document: Json) -> None:
    entry(document)["kindVersion"] = {"kind": "intoto", "version": "0.0.2"}


def two_entries(document: Json) -> None:
    document["verificationMaterial"]["tlogEntries"] *= 2


def an_unknown_field(document: Json) -> None:
    entry(document)["extra"] = 1


def a_number_that_is_none(document: Json) -> None:
    entry(document)["inclusionProof"]["treeSize"] = "five"


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize(
    "edit",
    [
        another_body, another_root, a_larger_tree, no_proof, no_checkpoint,
        hashes_of_another_alphabet, an_unsigned_checkpoint, another_kind, two_entries,
        an_unknown_field, a_number_that_is_none,
    ],
)  # fmt: skip
def test_an_edited_entry_is_refused(
    sigstore: LocalSigstore, rekor: Rekor, edit: Callable[[Json], None]
) -> None:
    logged(sigstore, rekor)  # so that the proof is not empty
    document = json.loads(logged(sigstore, rekor))
    edit(document)
    assert refusal(json.dumps(document).encode(), root_of(sigstore))


def test_a_later_time_than_the_log_promised_is_refused(sigstore: LocalSigstore) -> None:
    document = json.loads(logged(sigstore))
    entry(document)["integratedTime"] = str(int(entry(document)["integratedTime"]) + 1)
    assert "did not promise" in refusal(json.dumps(document).encode(), root_of(sigstore))


@pytest.mark.parametrize("seconds", ["1", "-1", "99999999999999999999", "9223372036854775807", 5])
def test_a_time_that_the_log_did_not_promise_is_refused(
    sigstore: LocalSigstore, seconds: object
) -> None:
    document = json.loads(logged(sigstore))
    entry(document)["integratedTime"] = seconds
    assert refusal(json.dumps(document).encode(), root_of(sigstore))


def test_a_time_without_a_promise_is_refused(sigstore: LocalSigstore) -> None:
    document = json.loads(logged(sigstore))
    del entry(document)["inclusionPromise"]
    assert "without the log's promise" in refusal(json.dumps(document).encode(), root_of(sigstore))


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("about", ["statement", "signature", "key"])
def test_an_entry_about_something_else_is_refused(
    sigstore: LocalSigstore, rekor: Rekor, about: str
) -> None:
    payload = a_payload(issued_on=NOW, environment="staging") if about == "statement" else PAYLOAD
    key = key_kinds.generate("p256") if about == "key" else KEY
    signature = key_kinds.sign(key, pae(payload))
    other = log_signature(payload, signature, key.public_key(), url=sigstore.url, version=rekor)
    document = json.loads(sign_statement(PAYLOAD, KEY))
    if about == "key":  # the log does not check that the signature is the key's
        own = parse_bundle(json.dumps(document).encode()).signature
        other = log_signature(PAYLOAD, own, key.public_key(), url=sigstore.url, version=rekor)
    document["verificationMaterial"]["tlogEntries"] = [other]
    assert f"about another {about}" in refusal(json.dumps(document).encode(), root_of(sigstore))


@pytest.mark.parametrize("rekor", [1, 2])
def test_the_proof_of_another_entry_is_refused(sigstore: LocalSigstore, rekor: Rekor) -> None:
    document, other = (json.loads(logged(sigstore, rekor)) for _ in range(2))
    for part in ("inclusionProof", "logIndex"):
        entry(document)[part] = entry(other)[part]
    assert "another tree" in refusal(json.dumps(document).encode(), root_of(sigstore))


def test_a_log_whose_key_cannot_be_read_is_the_callers_mistake(sigstore: LocalSigstore) -> None:
    bundle, root = parse_bundle(logged(sigstore)), sigstore.trusted_root()
    for der in ("AAAA", "***", None):
        root["tlogs"][0]["publicKey"]["rawBytes"] = der
        with pytest.raises(InputError, match=r"trusted root|key of the log"):
            verify_logged(bundle, KEY.public_key(), json.dumps(root).encode())
    with pytest.raises(AigfError):
        verify_logged(bundle, KEY.public_key(), b"{}")
