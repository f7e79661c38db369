import base64
import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aigf_dvc.attestation.verification import StepName, StepOutcome, TimeSource
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.keyless import verify_keyless
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.verify import verify_bundle
from tests.attestation.builders import COMMIT, DEPLOYED, REPOSITORY, some_demands
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement
from tests.signing.keyless_bundles import (
    ALL_KINDS,
    CLAIMS,
    ISSUER,
    LONG_AGO,
    PERSON,
    WORKFLOW,
    Json,
    Rekor,
    a_broken_timestamp,
    an_unknown_field,
    another_body,
    another_certificate,
    another_payload,
    another_root_hash,
    another_signature,
    as_bytes,
    edited,
    entry,
    no_log_entry,
    no_proof,
    no_time,
    now,
    refusal,
    sign,
    signed,
    the_payload,
    too_many_timestamps,
    two_log_entries,
    verified,
)


@pytest.fixture(autouse=True)
def no_ambient_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the identity of the CI job that runs these tests out of them."""
    for name in ("GITHUB_ACTIONS", "BUILDKITE", "GITLAB_CI", "CIRCLECI", "SIGSTORE_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as server:
        yield server
        assert server.errors == []


@pytest.fixture(scope="module")
def bundle(sigstore: LocalSigstore) -> bytes:
    """Signed by a person, with Rekor v1 and a timestamp."""
    return signed(sigstore)


@pytest.fixture(scope="module")
def root(sigstore: LocalSigstore) -> bytes:
    return as_bytes(sigstore.trusted_root())


@pytest.mark.parametrize(("rekor", "timestamp"), ALL_KINDS)
def test_what_a_person_signed_is_accepted(
    sigstore: LocalSigstore, root: bytes, rekor: Rekor, *, timestamp: bool
) -> None:
    signature = verify_keyless(
        parse_bundle(signed(sigstore, rekor, timestamp=timestamp)),
        identity=PERSON,
        issuer=ISSUER,
        trusted_root=root,
    )
    assert signature.payload == the_payload()
    assert (signature.signer.name, signature.signer.issuer) == (PERSON, ISSUER)
    assert signature.signer.logged
    assert signature.signer.time_source is (TimeSource.TSA if timestamp else TimeSource.LOG)
    assert signature.signer.time is not None
    assert abs(signature.signer.time - now()) < dt.timedelta(minutes=10)


def test_the_whole_verification_accepts_and_says_who_signed_when(
    bundle: bytes, root: bytes
) -> None:
    verification = verified(bundle, root)
    assert verification.accepted
    assert verification.steps[1].detail == f"{PERSON}, for whom {ISSUER} vouches"
    assert verification.steps[3].outcome is StepOutcome.SKIPPED
    assert "(tsa)" in verification.steps[9].detail


@pytest.mark.parametrize("rekor", [1, 2])
def test_the_source_that_the_certificate_names_is_held_against_the_statement(
    sigstore: LocalSigstore, root: bytes, rekor: Rekor
) -> None:
    same = signed(sigstore, rekor, identity=WORKFLOW, claims=CLAIMS)
    verification = verified(same, root, identity=WORKFLOW)
    assert verification.accepted
    assert verification.signer is not None
    assert verification.signer.source_repository == REPOSITORY
    assert verification.signer.source_digest == COMMIT
    assert verification.signer.source_ref == "refs/heads/main"

    other = signed(sigstore, rekor, identity=WORKFLOW, claims=CLAIMS | {"sha": "0" * 40})
    refused = verified(other, root, identity=WORKFLOW).stopped_at
    assert refused is not None
    assert refused.name is StepName.SOURCE


def test_a_ref_longer_than_a_short_der_length_is_read(sigstore: LocalSigstore, root: bytes) -> None:
    ref = "refs/heads/" + "x" * 300
    bundle = signed(sigstore, identity=WORKFLOW, claims=CLAIMS | {"ref": ref})
    found = verify_keyless(
        parse_bundle(bundle), identity=WORKFLOW, issuer=ISSUER, trusted_root=root
    )
    assert found.signer.source_ref == ref


def test_a_client_trust_config_serves_as_trusted_root(
    sigstore: LocalSigstore, bundle: bytes
) -> None:
    assert verified(bundle, as_bytes(sigstore.trust_config())).accepted


def test_another_identity_or_issuer_is_refused(bundle: bytes, root: bytes) -> None:
    assert "eve@example.com" in refusal(bundle, root, identity="eve@example.com")
    assert "https://evil.example" in refusal(bundle, root, issuer="https://evil.example")
    assert refusal(bundle, root, identity="dev@example.co")
    assert refusal(bundle, root, identity=".*")


@pytest.mark.parametrize(("identity", "issuer"), [("", ISSUER), (PERSON, ""), ("", "")])
def test_an_identity_without_its_issuer_is_the_callers_mistake(
    bundle: bytes, root: bytes, identity: str, issuer: str
) -> None:
    with pytest.raises(InputError, match="no identity or no issuer"):
        verified(bundle, root, identity=identity, issuer=issuer)


def test_another_sigstores_bundle_is_refused(root: bytes) -> None:
    with LocalSigstore(issuer=ISSUER) as other:
        foreign = signed(other)
    assert refusal(foreign, root)


def test_a_key_does_not_pass_where_an_identity_is_demanded(root: bytes) -> None:
    private, _ = generate_key(None)
    by_key = sign_statement(the_payload(), load_private_key(private, None, where="test"))
    assert "signed with a key" in refusal(by_key, root)


def test_an_identity_does_not_pass_where_a_key_is_demanded(bundle: bytes) -> None:
    _, public = generate_key(None)
    verification = verify_bundle(
        bundle,
        artifact=DEPLOYED,
        signer=KeySigner(public_key=load_public_key(public, where="test")),
        demands=some_demands(at=now()),
    )
    assert verification.stopped_at is not None
    assert "signed with a certificate" in verification.stopped_at.detail


@pytest.mark.parametrize(("rekor", "timestamp"), ALL_KINDS)
@pytest.mark.parametrize(
    "edit",
    [
        another_payload,
        another_signature,
        no_log_entry,
        two_log_entries,
        no_proof,
        another_root_hash,
        an_unknown_field,
        another_body,
        no_time,
        another_certificate,
    ],
)
def test_an_edited_bundle_is_refused(
    sigstore: LocalSigstore,
    root: bytes,
    rekor: Rekor,
    *,
    timestamp: bool,
    edit: Callable[[Json], None],
) -> None:
    bundle = signed(sigstore, rekor, timestamp=timestamp)
    assert verified(bundle, root).accepted
    assert refusal(edited(bundle, edit), root)


@pytest.mark.parametrize("edit", [too_many_timestamps, a_broken_timestamp])
@pytest.mark.parametrize("rekor", [1, 2])
def test_an_edited_timestamp_is_refused(
    sigstore: LocalSigstore, root: bytes, rekor: Rekor, edit: Callable[[Json], None]
) -> None:
    assert refusal(edited(signed(sigstore, rekor), edit), root)


def test_a_time_that_the_log_did_not_promise_is_refused(
    sigstore: LocalSigstore, root: bytes
) -> None:
    def later(document: Json) -> None:
        entry(document)["integratedTime"] = str(int(entry(document)["integratedTime"]) + 1)

    # sigstore-python believes the timestamp alone only where no promise stands beside it.
    for timestamp in (True, False):
        assert refusal(edited(signed(sigstore, timestamp=timestamp), later), root)


@pytest.mark.parametrize("seconds", ["99999999999999999999", "-1", "soon", "", 5, None])
def test_a_time_that_is_none_is_refused(bundle: bytes, root: bytes, seconds: object) -> None:
    def edit(document: Json) -> None:
        entry(document)["integratedTime"] = seconds

    assert refusal(edited(bundle, edit), root)


def test_a_timestamp_over_another_signature_is_refused_even_beside_the_logs_promise(
    sigstore: LocalSigstore, bundle: bytes, root: bytes
) -> None:
    other = json.loads(signed(sigstore))["verificationMaterial"]["timestampVerificationData"]
    moved = edited(
        bundle, lambda d: d["verificationMaterial"].update(timestampVerificationData=other)
    )
    assert refusal(moved, root)


@pytest.mark.parametrize(("rekor", "timestamp"), ALL_KINDS)
@pytest.mark.parametrize("ended", ["ca_valid_until", "log_valid_until"])
def test_trust_that_had_ended_before_the_signature_is_no_trust(
    sigstore: LocalSigstore, rekor: Rekor, ended: str, *, timestamp: bool
) -> None:
    bundle = signed(sigstore, rekor, timestamp=timestamp)
    root = as_bytes(sigstore.trusted_root(**{ended: LONG_AGO}))
    assert "trusted at" in refusal(bundle, root)
    later = as_bytes(sigstore.trusted_root(**{ended: now() + dt.timedelta(days=1)}))
    assert verified(bundle, later).accepted


@pytest.mark.parametrize("role", ["ctlogs", "timestampAuthorities"])
def test_a_log_of_certificates_or_a_clock_that_was_not_yet_trusted_is_refused(
    sigstore: LocalSigstore, bundle: bytes, role: str
) -> None:
    root = copy.deepcopy(sigstore.trusted_root())
    period = {"start": "2020-01-01T00:00:00Z", "end": "2020-02-01T00:00:00Z"}
    item = root[role][0]
    (item["publicKey"] if role == "ctlogs" else item)["validFor"] = period
    assert refusal(bundle, as_bytes(root))


def test_a_period_in_the_other_spelling_of_protobuf_counts_too(
    sigstore: LocalSigstore, bundle: bytes
) -> None:
    root = sigstore.trusted_root(ca_valid_until=LONG_AGO)
    authority = root["certificateAuthorities"][0]
    authority["valid_for"] = authority.pop("validFor")
    assert "trusted at" in refusal(bundle, as_bytes(root))


def test_only_the_log_that_the_bundle_names_vouches_for_it(
    sigstore: LocalSigstore, root: bytes
) -> None:
    def another_log(document: Json) -> None:
        # As long as no log has the identifier, sigstore tries the keys of all.
        name = bytearray(base64.b64decode(entry(document)["logId"]["keyId"]))
        name[-1] ^= 1
        entry(document)["logId"]["keyId"] = base64.b64encode(name).decode()

    said = refusal(edited(signed(sigstore, 2), another_log), root)
    assert "no transparency log" in said
    assert "to do: a Sigstore instance of your own signed? Give its --trusted-root" in said


@pytest.mark.parametrize(
    "root",
    [b"", b"{}", b"[]", b"\xff", b'{"tlogs": []}', b'{"tlogs": [], "tlogs": []}', b"-----BEGIN"],
)
def test_a_file_that_is_no_trusted_root_is_the_callers_mistake(bundle: bytes, root: bytes) -> None:
    with pytest.raises(InputError) as refused:
        verified(bundle, root)
    assert "trusted root" in refused.value.where


def test_the_root_that_sigstore_carries_does_not_trust_ours(
    bundle: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(RefusedError):
        verify_keyless(parse_bundle(bundle), identity=PERSON, issuer=ISSUER, trusted_root=None)


def test_a_trusted_root_does_not_say_where_to_sign(sigstore: LocalSigstore, root: bytes) -> None:
    with pytest.raises(InputError, match="where to sign"):
        sign(root, sigstore.token())


def test_the_bytes_given_are_the_bytes_signed(sigstore: LocalSigstore, root: bytes) -> None:
    spaced = json.dumps(loads(the_payload(), where="test"), indent=3, default=float).encode()
    assert dumps(loads(spaced, where="test")) == the_payload()
    found = verify_keyless(
        parse_bundle(signed(sigstore, payload=spaced)),
        identity=PERSON,
        issuer=ISSUER,
        trusted_root=root,
    )
    assert found.payload == spaced


def test_a_library_that_panics_at_a_damaged_authority_says_no(bundle: bytes, root: bytes) -> None:
    document = json.loads(root)
    (authority,) = document["timestampAuthorities"]
    for certificate in authority["certChain"]["certificates"]:
        der = base64.b64decode(certificate["rawBytes"])
        names = [
            value for value in (b"Local", b"local", b"Timestamp", b"timestamp") if value in der
        ]
        assert names
        damaged = der.replace(names[0], b"\xff" * len(names[0]))  # no UTF-8
        certificate["rawBytes"] = base64.b64encode(damaged).decode()
    assert refusal(bundle, as_bytes(document))
