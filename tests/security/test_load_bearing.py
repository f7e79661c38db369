"""Each check of the signature refuses an attack that, without it, is accepted.

For each check: an attack; refused with the check in force; and, with nothing but that check taken
out, accepted. So no check is there for show, and none can be lost without a test that turns red.
"""

import base64
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
import sigstore.dsse
import sigstore.models
import sigstore.verify.policy
import sigstore.verify.verifier
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from msgspec import Struct
from msgspec.structs import replace
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult

from aigf_dvc import canonical
from aigf_dvc.attestation import expectations, fields, signature_only, statement
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.signing import bundle as bundles
from aigf_dvc.signing import certificate, keyless, keys, log_entry, timestamps
from aigf_dvc.signing.open import AnySigner
from tests.attestation.builders import MODEL_BYTES, MODEL_FILES, a_deployment
from tests.local_sigstore.merkle import inclusion_proof, root_hash
from tests.local_sigstore.server import LocalSigstore
from tests.security.bundles import (
    ISSUER,
    NOW,
    OTHER,
    PAYLOAD,
    Json,
    Kind,
    Rekor,
    World,
    a_world,
)
from tests.signing.by_key import sign_statement
from tests.signing.test_log_entry import an_entry

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# About the same model, and as good as the first: only that nobody signed it.
FORGED = build_statement(a_deployment(issued_on=NOW, tool_version="9"), MODEL_FILES)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world")) as made:
        yield made


class Attack(Struct, frozen=True, kw_only=True):
    """A bundle that must be refused, and whom the judge trusts."""

    bundle: bytes
    signer: AnySigner

    def exit_code(self) -> int:
        kind = Kind(bundle=json.loads(self.bundle), other={}, signer=self.signer)
        return kind.judge(self.bundle)[0]


Disable = Callable[[pytest.MonkeyPatch], None]


def out(module: ModuleType, function: str, check: str, instead: str = "if False:") -> Disable:
    """Return what replaces one piece of the source of a function by another."""

    def disable(patch: pytest.MonkeyPatch) -> None:
        holder: Any = module  # Any: a module, or a class in it
        *path, name = function.split(".")
        for step in path:
            holder = getattr(holder, step)
        source = textwrap.dedent(inspect.getsource(getattr(holder, name)))
        assert source.count(check) == 1, f"{function} has no such check any more: {check}"
        space = dict(vars(module))
        exec(source.replace(check, instead), space)  # noqa: S102  # our own source
        _replace(patch, holder, name, space[name])

    return disable


def _replace(patch: pytest.MonkeyPatch, holder: Any, name: str, new: object) -> None:  # noqa: ANN401  # a module or class
    """Replace a function wherever it was imported by its name."""
    old = getattr(holder, name)
    patch.setattr(holder, name, new)
    for module in [m for key, m in sys.modules.items() if key.startswith("aigf_dvc.")]:
        if vars(module).get(name) is old:
            patch.setattr(module, name, new)


def gone(place: Any, name: str, instead: Any = lambda *_, **__: None) -> Disable:  # noqa: ANN401  # a module or class, and any function
    """Return what replaces a function by one that says yes."""
    return lambda patch: patch.setattr(place, name, instead)


def both(*disables: Disable) -> Disable:
    def disable(patch: pytest.MonkeyPatch) -> None:
        for one in disables:
            one(patch)

    return disable


def edited(bundle: bytes, edit: Callable[[Json], object]) -> bytes:
    document = json.loads(bundle)
    edit(document)
    return json.dumps(document).encode()


def envelope(document: Json) -> Json:
    found: Json = document["dsseEnvelope"]
    return found


def material(document: Json) -> Json:
    found: Json = document["verificationMaterial"]
    return found


def entry(document: Json) -> Json:
    found: Json = material(document)["tlogEntries"][0]
    return found


def proof(document: Json) -> Json:
    found: Json = entry(document)["inclusionProof"]
    return found


def stamp(document: Json) -> Json:
    found: Json = material(document)["timestampVerificationData"]["rfc3161Timestamps"][0]
    return found


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def flipped(text: str, place: int = -1) -> str:
    data = bytearray(base64.b64decode(text))
    data[place] ^= 1
    return encoded(bytes(data))


# Attacks on a bundle that a key signed.


def by_key(edit: Callable[[Json], object]) -> Callable[[World], Attack]:
    return lambda world: Attack(
        bundle=edited(sign_statement(PAYLOAD, world.key), edit), signer=world.by_key
    )


def signed_text(payload: bytes) -> Callable[[World], Attack]:
    return lambda world: Attack(bundle=sign_statement(payload, world.key), signer=world.by_key)


def forge(document: Json) -> None:
    envelope(document)["payload"] = encoded(FORGED)


def key_twice(world: World) -> Attack:
    whole = sign_statement(PAYLOAD, world.key)
    return Attack(bundle=b'{"mediaType":"x",' + whole[1:], signer=world.by_key)


def loose_base64(world: World) -> Attack:
    """Change the bits of the last letter that no byte of the payload uses."""
    payload = next(
        p
        for p in (build_statement(a_deployment(issued_on=NOW, tool_version=v), MODEL_FILES)
                  for v in ("1", "11", "111"))
        if len(p) % 3 == 2
    )  # fmt: skip

    def edit(document: Json) -> None:
        text = envelope(document)["payload"]
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        other = letters[letters.index(text[-2]) ^ 1]
        envelope(document)["payload"] = text[:-2] + other + "="

    return Attack(bundle=edited(sign_statement(payload, world.key), edit), signer=world.by_key)


def old_statement() -> bytes:
    return json.dumps(json.loads(PAYLOAD) | {"_type": "https://in-toto.io/Statement/v0.1"}).encode()


def other_predicate() -> bytes:
    return json.dumps(json.loads(PAYLOAD) | {"predicateType": "https://example.com/x"}).encode()


def upper_case_subject() -> bytes:
    document = json.loads(PAYLOAD)
    document["subject"][0]["digest"]["sha512"] = "AB" * 64
    return json.dumps(document).encode()


def stolen_stamp(world: World) -> Attack:
    other = json.loads(world.stamped(OTHER))
    bundle = edited(world.stamped(PAYLOAD), lambda d: stamp(d).update(stamp(other)))
    return Attack(bundle=bundle, signer=world.by_stamped_key)


# Attacks on bare bytes.


def other_blob(world: World) -> Attack:
    return Attack(bundle=world.blob(b"another model"), signer=world.by_key)


def forged_blob(world: World) -> Attack:
    def edit(document: Json) -> None:
        whole = json.loads(world.blob(MODEL_BYTES))["messageSignature"]
        document["messageSignature"]["messageDigest"] = whole["messageDigest"]

    return Attack(bundle=edited(world.blob(b"another model"), edit), signer=world.by_key)


# Attacks on a bundle that a certificate signed.


def certified(
    edit: Callable[[Json], object] = lambda _: None, *, leaf: str = "leaf"
) -> Callable[[World], Attack]:
    return lambda world: Attack(
        bundle=edited(world.certified(PAYLOAD, leaf), edit), signer=world.by_certificate
    )


def foreign(world: World) -> Attack:
    world.pki.make_root("evil")
    world.pki.issue("evil-leaf", "evil", section="leaf")
    return certified(leaf="evil-leaf")(world)


def not_yet(world: World) -> Attack:
    """Sign with a certificate that is good from tomorrow on."""
    (leaf,) = certificate.read_certificates(world.pki.read("leaf.pem"), where="leaf")
    issuer = load_pem_private_key(world.pki.read("between.key"), None)
    assert isinstance(issuer, ec.EllipticCurvePrivateKey)
    builder = x509.CertificateBuilder(
        issuer_name=leaf.issuer,
        subject_name=leaf.subject,
        public_key=leaf.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW + timedelta(days=1),
        not_valid_after=NOW + timedelta(days=2),
        extensions=list(leaf.extensions),
    )
    early = builder.sign(issuer, hashes.SHA256())
    world.pki.path("early.pem").write_bytes(early.public_bytes(Encoding.PEM))
    world.pki.path("early.key").write_bytes(world.pki.read("leaf.key"))
    return certified(leaf="early")(world)


def for_agreement(world: World) -> Attack:
    world.pki.issue("agreement", "between", section="agreement")
    return certified(leaf="agreement")(world)


def somebody_else(world: World) -> Attack:
    attack = certified()(world)
    other = replace(world.by_certificate, identity="ceo@corp.example")
    return replace(attack, signer=other)


def stolen_stamp_of_a_certificate(world: World) -> Attack:
    other = json.loads(world.certified(OTHER))
    return certified(lambda d: stamp(d).update(stamp(other)))(world)


# Attacks on a bundle that an identity signed.


def keylessly(
    rekor: Any,  # noqa: ANN401  # 1 or 2
    edit: Callable[[Json], object],
    *,
    timestamp: bool = True,
) -> Callable[[World], Attack]:
    def attack(world: World) -> Attack:
        world.keyless(OTHER, rekor)  # so that there is a hash in the proof
        bundle = world.keyless(PAYLOAD, rekor, timestamp=timestamp)
        return Attack(bundle=edited(bundle, edit), signer=world.by_identity)

    return attack


def with_root(rekor: Any, edit: Callable[[Json], object]) -> Callable[[World], Attack]:  # noqa: ANN401  # 1 or 2
    def attack(world: World) -> Attack:
        root = world.sigstore.trusted_root()
        edit(root)
        signer = replace(world.by_identity, trusted_root=json.dumps(root).encode())
        return Attack(bundle=world.keyless(PAYLOAD, rekor), signer=signer)

    return attack


def ended_period(*path: Any) -> Callable[[Json], object]:  # noqa: ANN401  # keys and places
    def edit(root: Json) -> None:
        place: Any = root
        for step in path:
            place = place[step]
        place["validFor"] = {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}

    return edit


def logs_ended(root: Json) -> None:
    for log in root["tlogs"]:
        log["publicKey"]["validFor"] = {
            "start": "2019-01-01T00:00:00Z",
            "end": "2020-01-01T00:00:00Z",
        }


def another_ct_log(root: Json) -> None:
    with LocalSigstore(issuer=ISSUER) as other:
        root["ctlogs"] = other.trusted_root()["ctlogs"]


def another_authority(root: Json) -> None:
    with LocalSigstore(issuer=ISSUER) as other:
        root["certificateAuthorities"] = other.trusted_root()["certificateAuthorities"]


def asked_for(**changed: str) -> Callable[[World], Attack]:
    def attack(world: World) -> Attack:
        signer = replace(world.by_identity, **changed)  # texts
        return Attack(bundle=world.keyless(PAYLOAD, 1), signer=signer)

    return attack


def stolen_entry(world: World) -> Attack:
    """Take the entry of another signature: as in CVE-2022-36056."""
    other = json.loads(world.keyless(OTHER, 2))
    return keylessly(2, lambda d: material(d).update(tlogEntries=[entry(other)]))(world)


def stolen_stamp_beside_a_promise(world: World) -> Attack:
    return _with_a_later_stamp(world, 1)


def stolen_stamp_alone(world: World) -> Attack:
    return _with_a_later_stamp(world, 2)


def _with_a_later_stamp(world: World, rekor: Rekor) -> Attack:
    """Take the stamp of a signature made after this one, at a time when this certificate holds."""
    bundle = world.keyless(PAYLOAD, rekor)
    other = json.loads(world.keyless(OTHER, rekor))
    return Attack(
        bundle=edited(bundle, lambda d: stamp(d).update(stamp(other))), signer=world.by_identity
    )


def later(document: Json) -> None:
    entry(document)["integratedTime"] = str(int(entry(document)["integratedTime"]) + 1)


def time_without_promise(document: Json) -> None:
    del entry(document)["inclusionPromise"]


def unread_line(document: Json) -> None:
    proof(document)["checkpoint"]["envelope"] += "nobody reads this\n"


def unsigned_checkpoint(document: Json) -> None:
    note, dash, rest = proof(document)["checkpoint"]["envelope"].rpartition("\N{EM DASH} ")
    name, _, signature = rest.rstrip("\n").partition(" ")
    proof(document)["checkpoint"]["envelope"] = f"{note}{dash}{name} {flipped(signature)}\n"


def another_size(_world: World) -> Attack:
    """Say that the first of three entries stands in a tree of four: the path is the same."""
    with LocalSigstore(issuer=ISSUER) as sigstore:
        fresh = World(key=_world.key, pki=_world.pki, clock=_world.clock, sigstore=sigstore)
        bundle = json.loads(fresh.keyless(PAYLOAD, 2))
        for _ in range(2):
            fresh.keyless(OTHER, 2)
        log = sigstore._services.rekor_v2
        leaves = tuple(log._leaves)
        root = root_hash(leaves)
        entry(bundle)["inclusionProof"] = {
            "logIndex": "0",
            "rootHash": encoded(root),
            "treeSize": "4",
            "hashes": [encoded(item) for item in inclusion_proof(0, leaves)],
            "checkpoint": {"envelope": log._checkpoint(3, root)},
        }
        return Attack(bundle=json.dumps(bundle).encode(), signer=fresh.by_identity)


def any_time(_self: object, response: Any, _message: bytes) -> TimestampVerificationResult:  # noqa: ANN401  # a response
    return TimestampVerificationResult(
        source=TimestampSource.TIMESTAMP_AUTHORITY, time=response.tst_info.gen_time
    )


def any_chain(
    verifier: Any,  # noqa: ANN401  # a Verifier
    leaf: x509.Certificate,
    _time: object,
) -> list[x509.Certificate]:
    """Return the issuer by its name alone."""
    return [_ISSUERS[leaf.issuer.rfc4514_string()], *verifier._fulcio_certificate_chain]


_ISSUERS: dict[str, x509.Certificate] = {}


def foreign_authority(world: World) -> Attack:
    chain = world.sigstore.trusted_root()["certificateAuthorities"][0]["certChain"]["certificates"]
    issuer = x509.load_der_x509_certificate(base64.b64decode(chain[0]["rawBytes"]))
    _ISSUERS[issuer.subject.rfc4514_string()] = issuer
    return with_root(1, another_authority)(world)


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
        out(bundles, "parse_bundle", 'if bundle.document["mediaType"] not in _MEDIA_TYPES:'),
        by_key(lambda d: d.update(mediaType=bundles._OLDER_TYPES[0])),
    ),
    "no unknown keys": (
        gone(fields.Fields, "only"),
        by_key(lambda d: envelope(d).update(extra=1)),
    ),
    "no key twice": (out(canonical, "unique_keys", "if key in found:"), key_twice),
    "one base64 for the same bytes": (
        out(fields, "Fields.base64", " and _base64(value[end:]) == text[-4:]", ""),
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
    "the predicate's type": (gone(expectations, "_expect_type"), signed_text(other_predicate())),
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
