"""Attacks on signatures of keys and certificates, and how a check is taken out to let them in."""

import base64
import inspect
import json
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.signing import certificate
from aigf_dvc.signing.open import AnySigner
from tests.attestation.builders import MODEL_BYTES, MODEL_FILES, a_deployment
from tests.security.bundles import (
    NOW,
    OTHER,
    PAYLOAD,
    Json,
    Kind,
    World,
)
from tests.signing.by_key import sign_statement

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# About the same model, and as good as the first: only that nobody signed it.
FORGED = build_statement(a_deployment(issued_on=NOW, tool_version="9"), MODEL_FILES)


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


def other_blob(world: World) -> Attack:
    return Attack(bundle=world.blob(b"another model"), signer=world.by_key)


def forged_blob(world: World) -> Attack:
    def edit(document: Json) -> None:
        whole = json.loads(world.blob(MODEL_BYTES))["messageSignature"]
        document["messageSignature"]["messageDigest"] = whole["messageDigest"]

    return Attack(bundle=edited(world.blob(b"another model"), edit), signer=world.by_key)


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
