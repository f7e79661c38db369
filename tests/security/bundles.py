"""A valid bundle of every kind, another of the same kind, and how each is verified."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec.structs import replace
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from aigf_dvc import clock
from aigf_dvc.attestation.signature_only import SignatureCheck
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.attestation.verification import SignerFacts, Verification
from aigf_dvc.digests import Sha2, sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import MEDIA_TYPE, pae
from aigf_dvc.signing.certificate import read_certificates, sign_with_certificate
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import load_public_key, signed_statement
from aigf_dvc.signing.open import AnySigner, CertificateSigner, KeylessSigner, KeySigner
from aigf_dvc.signing.public_form import public_pem
from aigf_dvc.signing.signature_only import verify_signature_only
from aigf_dvc.signing.timestamps import request_timestamp
from aigf_dvc.signing.verify import verify_bundle
from tests.attestation.builders import (
    DEPLOYED,
    MODEL_BYTES,
    MODEL_FILES,
    a_deployment,
    some_demands,
)
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement
from tests.signing.own_pki import IDENTITY, Pki, make_pki, timestamp_server

Json = dict[str, Any]  # Any: a document that is changed at will
Rekor = Literal[1, 2]
Outcome = tuple[int, SignerFacts | None, str]

_REKORS: tuple[Rekor, Rekor] = (1, 2)
PERSON, ISSUER = "dev@example.com", "https://issuer.test.example"
NOW = datetime.now(UTC).replace(microsecond=0)  # of import: maybe long before a test runs
OTHER_FILES = (ModelFile(name="models/fraud.pkl", sha256=sha256(b"another model")),)
PAYLOAD = build_statement(a_deployment(issued_on=NOW), MODEL_FILES)
OTHER = build_statement(a_deployment(issued_on=NOW), OTHER_FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of bundle."""

    bundle: Json
    other: Json  # as valid, by the same signer, about another model
    signer: AnySigner

    @property
    def is_blob(self) -> bool:
        return "messageSignature" in self.bundle

    def judge(self, bundle: bytes) -> Outcome:
        """Return the exit code, the proven signer, and what was said last."""
        found: SignatureCheck | Verification
        if self.is_blob:
            digests = {one: hashlib.new(one, MODEL_BYTES).digest() for one in Sha2}
            found = verify_signature_only(bundle, digests=digests, signer=self.signer)
        else:
            found = verify_bundle(
                bundle, artifact=DEPLOYED, signer=self.signer, demands=some_demands(at=clock.now())
            )
        said = [step.detail for step in found.steps if step.detail]
        return found.exit_code, found.signer, said[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Whoever may sign here: a key, a PKI with its clock, and a Sigstore."""

    key: PrivateKey
    pki: Pki
    clock: str  # the URL of the PKI's timestamp authority
    sigstore: LocalSigstore

    @property
    def by_key(self) -> KeySigner:
        return KeySigner(public_key=self.key.public_key())

    @property
    def by_stamped_key(self) -> KeySigner:
        return replace(self.by_key, times=self.pki.read("tsa-root.pem"))

    @property
    def by_certificate(self) -> CertificateSigner:
        return CertificateSigner(
            identity=IDENTITY,
            signers=self.pki.read("root.pem", "between.pem"),
            times=self.pki.read("tsa-root.pem"),
        )

    @property
    def by_identity(self) -> KeylessSigner:
        root = json.dumps(self.sigstore.trusted_root()).encode()
        return KeylessSigner(identity=PERSON, issuer=ISSUER, trusted_root=root)

    def certified(self, payload: bytes, name: str = "leaf") -> bytes:
        (certificate,) = read_certificates(self.pki.read(f"{name}.pem"), where=name)
        key = load_pem_private_key(self.pki.read(f"{name}.key"), None)
        assert isinstance(key, PrivateKey)
        return sign_with_certificate(
            payload,
            certificate,
            sign=lambda message: key_kinds.sign(key, message),
            stamp=lambda signature: request_timestamp(signature, self.clock),
        )

    def stamped(self, payload: bytes) -> bytes:
        signature = key_kinds.sign(self.key, pae(payload))
        stamp = request_timestamp(signature, self.clock)
        return signed_statement(payload, signature, self.key.public_key(), stamp=stamp)

    def keyless(self, payload: bytes, rekor: Rekor, *, timestamp: bool = True) -> bytes:
        config = self.sigstore.trust_config(rekor=rekor, timestamp=timestamp)
        return sign_keyless(
            payload,
            trust_config=json.dumps(config).encode(),
            identity_token=self.sigstore.token(PERSON),
            consent_public=False,
            interactive=False,
        )

    def keyless_blob(self, data: bytes, rekor: Rekor) -> bytes:
        config = ClientTrustConfig.from_json(json.dumps(self.sigstore.trust_config(rekor=rekor)))
        token = IdentityToken(self.sigstore.token(PERSON))
        with SigningContext.from_trust_config(config).signer(token) as signer:
            return signer.sign_artifact(data).to_json().encode()

    def blob(self, data: bytes) -> bytes:
        digest = b64encode(hashlib.sha256(data).digest()).decode()
        document = {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": "release key"}, "tlogEntries": []},
            "messageSignature": {
                "messageDigest": {"algorithm": "SHA2_256", "digest": digest},
                "signature": b64encode(key_kinds.sign(self.key, data)).decode(),
            },
        }
        return json.dumps(document).encode()


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """Make them all; nothing of theirs outlives the context."""
    folder.mkdir(parents=True, exist_ok=True)
    pki = make_pki(folder)
    with LocalSigstore(issuer=ISSUER) as sigstore, timestamp_server(pki.stamp) as clock:
        yield World(key=key_kinds.generate("p256"), pki=pki, clock=clock, sigstore=sigstore)


def kinds_of(world: World) -> Mapping[str, Kind]:
    """Return the bundles of every kind."""
    for rekor in _REKORS:  # so that the proofs of inclusion have several hashes
        for _ in range(3):
            world.keyless(OTHER, rekor)
    identity = world.by_identity
    return {
        "key": _kind(world.by_key, lambda payload: sign_statement(payload, world.key)),
        "key and timestamp": _kind(world.by_stamped_key, world.stamped),
        "certificate and timestamp": _kind(world.by_certificate, world.certified),
        "Rekor v1 and timestamp": _kind(identity, lambda data: world.keyless(data, 1)),
        "Rekor v1": _kind(identity, lambda data: world.keyless(data, 1, timestamp=False)),
        "Rekor v2 and timestamp": _kind(identity, lambda data: world.keyless(data, 2)),
        "bare bytes, key": _blob_kind(world.by_key, world.blob),
        "bare bytes, Rekor v1 and timestamp": _blob_kind(
            identity, lambda data: world.keyless_blob(data, 1)
        ),
        "bare bytes, Rekor v2 and timestamp": _blob_kind(
            identity, lambda data: world.keyless_blob(data, 2)
        ),
    }


def _kind(signer: AnySigner, sign: Callable[[bytes], bytes]) -> Kind:
    return Kind(bundle=json.loads(sign(PAYLOAD)), other=json.loads(sign(OTHER)), signer=signer)


def _blob_kind(signer: AnySigner, sign: Callable[[bytes], bytes]) -> Kind:
    mine, other = json.loads(sign(MODEL_BYTES)), json.loads(sign(b"another model"))
    return Kind(bundle=mine, other=other, signer=signer)


def save(world: World, kinds: Mapping[str, Kind], folder: Path) -> None:
    """Write bundles and whom to trust to files, for a judge who cannot reach whoever signed."""
    folder.mkdir(parents=True)
    for name, kind in kinds.items():
        place = folder / name
        place.mkdir()
        (place / "bundle.json").write_text(json.dumps(kind.bundle))
        (place / "other.json").write_text(json.dumps(kind.other))
        files: dict[str, bytes | None] = {}
        match kind.signer:
            case KeySigner():
                files = {
                    "key.pub": public_pem(world.key.public_key()),
                    "tsa.pem": kind.signer.times,
                }
            case CertificateSigner():
                files = {"ca.pem": kind.signer.signers, "tsa.pem": kind.signer.times}
            case KeylessSigner():
                files = {"root.json": kind.signer.trusted_root}
        for file, data in files.items():
            if data is not None:
                (place / file).write_bytes(data)


def load(folder: Path) -> Mapping[str, Kind]:
    """Read what was saved."""
    return {
        place.name: Kind(
            bundle=json.loads((place / "bundle.json").read_text()),
            other=json.loads((place / "other.json").read_text()),
            signer=_signer_in(place),
        )
        for place in sorted(folder.iterdir())
    }


def _signer_in(place: Path) -> AnySigner:
    times = (place / "tsa.pem").read_bytes() if (place / "tsa.pem").exists() else None
    if (place / "key.pub").exists():
        key = load_public_key((place / "key.pub").read_bytes(), where="key")
        return KeySigner(public_key=key, times=times)
    if times is not None:
        authorities = (place / "ca.pem").read_bytes()
        return CertificateSigner(identity=IDENTITY, signers=authorities, times=times)
    root = (place / "root.json").read_bytes()
    return KeylessSigner(identity=PERSON, issuer=ISSUER, trusted_root=root)
