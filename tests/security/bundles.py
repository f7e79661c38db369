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
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from aigf_dvc.attestation.signature_only import SignatureCheck
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.attestation.verification import SignerFacts, Verification
from aigf_dvc.digests import Sha2, sha256
from aigf_dvc.evidence.model_evidence import ModelFile
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import MEDIA_TYPE, pae
from aigf_dvc.signing.certificate import read_certificates, sign_with_certificate
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import sign_statement, signed_statement
from aigf_dvc.signing.open import AnySigner, CertificateSigner, KeylessSigner, KeySigner
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
from tests.signing.own_pki import IDENTITY, Pki, make_pki, timestamp_server

Json = dict[str, Any]  # Any: a document that is changed at will
Outcome = tuple[int, SignerFacts | None, str]

PERSON, ISSUER = "dev@example.com", "https://issuer.test.example"
NOW = datetime.now(UTC).replace(microsecond=0)
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
                bundle, artifact=DEPLOYED, signer=self.signer, demands=some_demands(at=NOW)
            )
        said = [step.detail for step in found.steps if step.detail]
        return found.exit_code, found.signer, said[-1]


@contextmanager
def every_kind(folder: Path) -> Iterator[Mapping[str, Kind]]:
    """Make the bundles, with a Sigstore and a PKI of one's own."""
    folder.mkdir(parents=True, exist_ok=True)
    pki, key = make_pki(folder), key_kinds.generate("p256")
    signer = KeySigner(public_key=key.public_key())
    times = pki.read("tsa-root.pem")
    with LocalSigstore(issuer=ISSUER) as sigstore, timestamp_server(pki.stamp) as url:
        root = json.dumps(sigstore.trusted_root()).encode()
        identity = KeylessSigner(identity=PERSON, issuer=ISSUER, trusted_root=root)
        certified = CertificateSigner(
            identity=IDENTITY, signers=pki.read("root.pem", "between.pem"), times=times
        )
        yield {
            "key": _kind(signer, lambda payload: sign_statement(payload, key)),
            "key and timestamp": _kind(
                KeySigner(public_key=key.public_key(), times=times),
                lambda payload: _stamped(payload, key, url),
            ),
            "certificate and timestamp": _kind(
                certified, lambda payload: _certified(payload, pki, url)
            ),
            "Rekor v1 and timestamp": _keyless(sigstore, identity, 1, timestamp=True),
            "Rekor v1": _keyless(sigstore, identity, 1, timestamp=False),
            "Rekor v2 and timestamp": _keyless(sigstore, identity, 2, timestamp=True),
            "bare bytes, key": Kind(
                bundle=_blob(MODEL_BYTES, key), other=_blob(b"another model", key), signer=signer
            ),
            "bare bytes, Rekor v1 and timestamp": Kind(
                bundle=_keyless_blob(MODEL_BYTES, sigstore, 1),
                other=_keyless_blob(b"another model", sigstore, 1),
                signer=identity,
            ),
            "bare bytes, Rekor v2 and timestamp": Kind(
                bundle=_keyless_blob(MODEL_BYTES, sigstore, 2),
                other=_keyless_blob(b"another model", sigstore, 2),
                signer=identity,
            ),
        }


def _kind(signer: AnySigner, sign: Callable[[bytes], bytes]) -> Kind:
    return Kind(bundle=json.loads(sign(PAYLOAD)), other=json.loads(sign(OTHER)), signer=signer)


def _keyless(
    sigstore: LocalSigstore, signer: KeylessSigner, rekor: Literal[1, 2], *, timestamp: bool
) -> Kind:
    def sign(payload: bytes) -> bytes:
        return sign_keyless(
            payload,
            trust_config=json.dumps(
                sigstore.trust_config(rekor=rekor, timestamp=timestamp)
            ).encode(),
            identity_token=sigstore.token(PERSON),
            consent_public=False,
            interactive=False,
        )

    for _ in range(3):  # so that the proof of inclusion has several hashes
        sign(OTHER)
    return _kind(signer, sign)


def _keyless_blob(data: bytes, sigstore: LocalSigstore, rekor: Literal[1, 2]) -> Json:
    config = ClientTrustConfig.from_json(json.dumps(sigstore.trust_config(rekor=rekor)))
    token = IdentityToken(sigstore.token(PERSON))
    with SigningContext.from_trust_config(config).signer(token) as signer:
        found: Json = json.loads(signer.sign_artifact(data).to_json())
    return found


def _stamped(payload: bytes, key: PrivateKey, url: str) -> bytes:
    signature = key_kinds.sign(key, pae(payload))
    stamp = request_timestamp(signature, url)
    return signed_statement(payload, signature, key.public_key(), stamp=stamp)


def _certified(payload: bytes, pki: Pki, url: str) -> bytes:
    (certificate,) = read_certificates(pki.read("leaf.pem"), where="leaf")
    key = load_pem_private_key(pki.read("leaf.key"), None)
    assert isinstance(key, PrivateKey)
    return sign_with_certificate(
        payload,
        certificate,
        sign=lambda message: key_kinds.sign(key, message),
        stamp=lambda signature: request_timestamp(signature, url),
    )


def _blob(data: bytes, key: PrivateKey) -> Json:
    digest = b64encode(hashlib.sha256(data).digest()).decode()
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": "release key"}, "tlogEntries": []},
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": digest},
            "signature": b64encode(key_kinds.sign(key, data)).decode(),
        },
    }
