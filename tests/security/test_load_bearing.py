"""Each check of the signature refuses an attack that, without it, is accepted.

For each check: an attack; refused with the check in force; and, with nothing but that check taken
out, accepted. So no check is there for show, and none can be lost without a test that turns red.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sigstore.dsse
import sigstore.models
import sigstore.verify.policy
import sigstore.verify.verifier

from aigf_dvc import canonical
from aigf_dvc.attestation import fields, signature_only, statement
from aigf_dvc.signing import bundle as bundles
from aigf_dvc.signing import certificate, keyless, keys, log_entry, timestamps
from tests.security.attacks import (
    Attack,
    Disable,
    both,
    by_key,
    certified,
    encoded,
    entry,
    envelope,
    flipped,
    for_agreement,
    foreign,
    forge,
    forged_blob,
    gone,
    key_twice,
    loose_base64,
    material,
    not_yet,
    old_statement,
    other_blob,
    other_predicate,
    out,
    proof,
    signed_text,
    somebody_else,
    stolen_stamp,
    stolen_stamp_of_a_certificate,
    upper_case_subject,
)
from tests.security.attacks_keyless import (
    another_ct_log,
    another_size,
    any_chain,
    any_time,
    asked_for,
    ended_period,
    foreign_authority,
    keylessly,
    later,
    logs_ended,
    stolen_entry,
    stolen_stamp_alone,
    stolen_stamp_beside_a_promise,
    time_without_promise,
    unread_line,
    unsigned_checkpoint,
    with_root,
)
from tests.security.bundles import (
    NOW,
    World,
    a_world,
)
from tests.signing.test_log_entry import an_entry


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world")) as made:
        yield made


_VERIFIER = sigstore.verify.verifier.Verifier
_BODIES = both(
    gone(sigstore.verify.verifier, "_validate_dsse_v001_entry_body"),
    gone(sigstore.verify.verifier, "_validate_hashedrekord_v002_dsse_entry_body"),
)
_NO_PERIODS = gone(keyless, "valid_at", lambda root, _time: dict(root))
CHECKS: dict[str, tuple[Disable, Callable[[World], Attack]]] = {
    # The form of a bundle.
    "the payload's type": (
        out(bundles, "_envelope", "if kind != PAYLOAD_TYPE:"),
        by_key(lambda d: envelope(d).update(payloadType="text/plain")),
    ),
    "one signature": (
        out(bundles, "_envelope", "if len(signatures) != 1:"),
        by_key(lambda d: envelope(d)["signatures"].append({"sig": "aaaa"})),
    ),
    "the media type": (
        out(bundles, "read_bundle", "if bundle.media_type not in _MEDIA_TYPES:"),
        by_key(lambda d: d.update(mediaType=bundles._OLDER_TYPES[0])),
    ),
    "no unknown keys": (
        gone(fields.Fields, "only"),
        by_key(lambda d: envelope(d).update(extra=1)),
    ),
    "no key twice": (out(canonical, "unique_keys", "if key in found:"), key_twice),
    "one base64 for the same bytes": (
        out(fields, "from_base64", "same and ", ""),
        loose_base64,
    ),
    "no other JSON in a list of log entries": (
        out(bundles, "_log_entries", "_few(material", "() and _few(material"),
        by_key(lambda d: material(d).update(tlogEntries=["x"])),
    ),
    "timestamps that can be read": (
        gone(bundles, "_timestamps", lambda _: ()),
        by_key(lambda d: material(d).update(timestampVerificationData={"x": 1})),
    ),
    # The signature of a key.
    "the key's signature": (gone(keys, "verify_signed"), by_key(forge)),
    "what a key's timestamp is over": (
        gone(timestamps, "verify_timestamp", lambda *_: NOW),
        stolen_stamp,
    ),
    "the key's signature over bare bytes": (gone(keys, "verify_signed"), forged_blob),
    "which bare bytes": (
        out(signature_only, "check_blob", "if digests[algorithm] == digest:", "if True:"),
        other_blob,
    ),
    # The statement.
    "the statement's type": (
        out(statement, "read_statement", "if found != STATEMENT:"),
        signed_text(old_statement()),
    ),
    "the predicate's type": (gone(statement, "_expect_type"), signed_text(other_predicate())),
    "digests in lower-case hexadecimal": (
        out(statement, "_subject", "if not _HEXADECIMAL.match(value) or len(value) != digits:"),
        signed_text(upper_case_subject()),
    ),
    # The signature of a certificate.
    "the chain of a certificate": (gone(certificate, "_verify_chain"), foreign),
    "the time at which the chain holds": (
        out(
            certificate,
            "_verify",
            "PolicyBuilder().time(time)",
            "PolicyBuilder().time(certificate.not_valid_before_utc)",
        ),
        not_yet,
    ),
    "a certificate for signing code": (
        out(
            certificate,
            "_expect_usage",
            "if usage is None or ExtendedKeyUsageOID.CODE_SIGNING not in usage:",
        ),
        certified(leaf="web"),
    ),
    "a key for signatures": (
        out(
            certificate,
            "_expect_usage",
            "if may_sign is None or not may_sign.digital_signature:",
        ),
        for_agreement,
    ),
    "whom a certificate is for": (gone(certificate, "_expect_identity"), somebody_else),
    "a certificate's signature": (gone(certificate, "verify_signed"), certified(forge)),
    "what a certificate's timestamp is over": (
        gone(certificate, "verify_timestamp", lambda *_: datetime.now(UTC)),
        stolen_stamp_of_a_certificate,
    ),
    "no log where nobody trusts one": (
        out(certificate, "_stamps", "if bundle.log_entries:"),
        certified(lambda d: material(d).update(tlogEntries=[an_entry()])),
    ),
    # The signature of an identity.
    "the identity": (
        gone(sigstore.verify.policy.Identity, "verify"),
        asked_for(identity="eve@example.com"),
    ),
    "who vouches for it": (
        gone(sigstore.verify.policy.Identity, "verify"),
        asked_for(issuer="https://evil.example"),
    ),
    "the chain to the authority": (
        gone(_VERIFIER, "_verify_chain_at_time", any_chain),
        foreign_authority,
    ),
    "the log of certificates": (
        gone(sigstore.verify.verifier, "verify_sct"),
        with_root(1, another_ct_log),
    ),
    "the proof of inclusion": (
        gone(sigstore.models, "verify_merkle_inclusion"),
        keylessly(2, lambda d: proof(d)["hashes"].__setitem__(0, encoded(bytes(32)))),
    ),
    "the signature of the checkpoint": (
        gone(sigstore.models, "verify_checkpoint"),
        keylessly(2, unsigned_checkpoint),
    ),
    "the size in the checkpoint": (
        out(
            log_entry,
            "_expect_checkpoint",
            "if lines[1:3] != [str(size), b64encode(root).decode()]:",
        ),
        another_size,
    ),
    "every line of the checkpoint": (
        out(
            log_entry,
            "_expect_checkpoint",
            "if not ends_well or not all(_SIGNATURE.match(line) for line in signed):",
        ),
        keylessly(2, unread_line),
    ),
    "the promise of the log": (
        gone(sigstore.models.TransparencyLogEntry, "_verify_set"),
        keylessly(1, later, timestamp=False),
    ),
    "no time without its promise": (
        both(
            out(log_entry, "_seconds", "if promised is not (seconds > 0):"),
            out(keyless, "_proofs", "if seconds is not None:", "if promise is not None:"),
        ),
        keylessly(1, time_without_promise),
    ),
    "one index": (
        out(log_entry, "read_log_entry", "if promise is None and index != proven:"),
        keylessly(2, lambda d: entry(d).update(logIndex="77")),
    ),
    "one entry": (
        out(keyless, "_proofs", "if len(bundle.log_entries) != 1:"),
        keylessly(2, lambda d: material(d)["tlogEntries"].append(entry(d))),
    ),
    "which log it is": (
        gone(keyless, "of_log", lambda root, _name: dict(root)),
        keylessly(2, lambda d: entry(d)["logId"].update(keyId=flipped(entry(d)["logId"]["keyId"]))),
    ),
    "that the log has this signature": (_BODIES, stolen_entry),
    "the signature, and that the log has it": (
        both(_BODIES, gone(sigstore.dsse, "_verify", lambda *_: b"")),
        keylessly(2, forge),
    ),
    "what a timestamp is over": (
        gone(_VERIFIER, "_verify_signed_timestamp", any_time),
        stolen_stamp_alone,
    ),
    "every source of time": (
        out(keyless, "_proofs", "for timestamp in timestamps)", "for timestamp in ())"),
        stolen_stamp_beside_a_promise,
    ),
    # The periods of a trusted root.
    "the period of the authority": (
        _NO_PERIODS,
        with_root(1, ended_period("certificateAuthorities", 0)),
    ),
    "the period of the log": (_NO_PERIODS, with_root(2, logs_ended)),
    "the period of the log of certificates": (
        _NO_PERIODS,
        with_root(2, ended_period("ctlogs", 0, "publicKey")),
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_without_the_check_the_attack_is_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    disable, make = CHECKS[name]
    attack = make(world)
    assert attack.exit_code() == 1, "in force"
    disable(monkeypatch)
    assert attack.exit_code() == 0, "taken out"
