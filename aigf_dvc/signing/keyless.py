"""Keyless signatures: with `identity_token` the home of sigstore, imported only when asked for.

sigstore-python leaves open what a judge must close: a trusted root's periods of validity, an
issuer, and which of several sources of time was proven. So each source of time in a bundle is
verified alone, against the part of the root that was valid at that time; all must hold.
"""

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cryptography import x509
from msgspec import Struct
from sigstore.dsse import Statement
from sigstore.hashes import Hashed
from sigstore.models import Bundle as SigstoreBundle
from sigstore.models import ClientTrustConfig
from sigstore.sign import SigningContext
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.verification import SignerFacts, SignerKind, TimeSource
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import Sha2
from aigf_dvc.errors import AigfError, InputError, RefusedError, UndecidedError
from aigf_dvc.signing.bundle import MEDIA_TYPE, Bundle, parse_bundle
from aigf_dvc.signing.identity_token import find_token
from aigf_dvc.signing.panics import pass_on_others
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.trusted_root import (
    is_public,
    of_log,
    read_trusted_root,
    trust_config_with,
    valid_at,
)

# Nothing that it tells its own users, such as that it works offline, is for ours.
logging.getLogger("sigstore").addHandler(logging.NullHandler())

# Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
_RUNNER_ENVIRONMENT = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.11")
_SOURCE_REPOSITORY = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.12")
_SOURCE_DIGEST = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.13")
_SOURCE_REF = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.14")
_UTF8_STRING = 0x0C
_ONE_BYTE_LENGTH = 0x80


def sign_keyless(
    payload: bytes,
    *,
    trust_config: bytes | None,
    identity_token: str | None,
    consent_public: bool,
    interactive: bool,
    told: Callable[[str], None] | None = None,
) -> bytes:
    """Return a bundle with these very bytes, signed by an identity.

    Args:
        payload: an in-toto statement.
        trust_config: a ClientTrustConfig; None for the public-good instance.
        identity_token: an OIDC token; None takes the one that CI offers, or asks in the browser.
        consent_public: the signer knows that the public log shows the identity for ever.
        interactive: whether a person may be asked.
        told: is told, before anything is sent, as whom it will be signed.

    Raises:
        InputError: no consent, no token, or a file that is no ClientTrustConfig.
        UndecidedError: the instance did not sign.
        RefusedError: what it signed would not stand up to verification.
    """
    public = trust_config is None or is_public(trust_config, where="trust config")
    if public and not consent_public:
        raise InputError(
            "the public Sigstore publishes the signer's identity, for ever and for all to read",
            expected="consent",
            hint="set `transparency: public` in aigf.yaml, or give --yes-publish",
        )
    config = _signing_config(trust_config)
    token = find_token(identity_token, config=config, interactive=interactive)
    if told is not None:
        told(f"signing as {token.identity}, for whom {token.issuer} vouches")
    try:
        with SigningContext.from_trust_config(config).signer(token) as signer:
            signed = signer.sign_dsse(Statement(payload)).to_json().encode()
        has_timestamp_authority = bool(config.signing_config.get_tsas())
    except Exception as error:  # noqa: BLE001 (sigstore and its clients raise all kinds of them)
        raise UndecidedError(_sentence(error), where="Sigstore did not sign") from None
    _check_signed(parse_bundle(signed), payload, timestamp_expected=has_timestamp_authority)
    return signed


def _signing_config(trust_config: bytes | None) -> ClientTrustConfig:
    if trust_config is None:
        try:
            return ClientTrustConfig.production()
        except Exception as error:  # noqa: BLE001 (network, TUF and parsing errors of all kinds)
            raise UndecidedError(_sentence(error), where="the public Sigstore's trust") from None
    try:
        return ClientTrustConfig.from_json(trust_config.decode())
    except ValueError as error:
        raise InputError(
            _sentence(error), where="trust config", expected="a ClientTrustConfig"
        ) from None


def _check_signed(bundle: Bundle, payload: bytes, *, timestamp_expected: bool) -> None:
    if bundle.payload != payload:
        raise RefusedError("other bytes than ours were signed", where="bundle")
    sources = [proof.source for proof in _proofs(bundle)]
    if timestamp_expected and TimeSource.TSA not in sources:
        raise RefusedError(
            "the timestamp authority gave no timestamp", where="bundle", hint="sign again later"
        )


def verify_keyless(
    bundle: Bundle, *, identity: str, issuer: str, trusted_root: bytes | None
) -> VerifiedSignature:
    """Verify a keyless bundle, offline.

    Args:
        bundle: as it was read.
        identity: whom the certificate must name, exactly: a mail address or a workflow's URI.
        issuer: who must vouch for the identity: the URL of an OIDC issuer.
        trusted_root: a TrustedRoot or ClientTrustConfig; None for the public-good root that
            sigstore carries.

    Raises:
        InputError: no identity or issuer, or the trusted root cannot be read.
        RefusedError: the bundle is not what it should be.
    """
    if not identity or not issuer:
        raise InputError("no identity or no issuer", expected="both: a name means nothing alone")
    root = _trusted_root(trusted_root)
    if bundle.certificate is None:
        raise RefusedError(
            "signed with a key", where="bundle", expected=f"a certificate for {identity!r}"
        )
    try:
        return _verify(bundle, root, Identity(identity=identity, issuer=issuer), identity, issuer)
    except AigfError:
        raise
    except BaseException as error:  # noqa: BLE001 (sigstore lets AttributeError, ValueError and
        # others of malformed bundles through, and panics of Rust: every one of them is a no)
        pass_on_others(error)
        raise RefusedError(
            _sentence(error),
            where="signature",
            expected=f"a signature of {identity!r}, for whom {issuer!r} vouches",
        ) from None


class _Proof(Struct, frozen=True, kw_only=True):
    """A bundle cut down to one source of time."""

    source: TimeSource
    bundle: SigstoreBundle
    time: datetime


def _verify(
    bundle: Bundle, root: Mapping[str, Json], policy: Identity, identity: str, issuer: str
) -> VerifiedSignature:
    proofs = _proofs(bundle)
    root = of_log(root, bundle.log_entries[0].log)
    for proof in proofs:
        config = ClientTrustConfig.from_json(trust_config_with(valid_at(root, proof.time)))
        verifier = Verifier(trusted_root=config.trusted_root)
        _verify_signed(verifier, bundle, proof.bundle, policy)
    certificate = proofs[0].bundle.signing_certificate
    return VerifiedSignature(
        payload=bundle.payload,
        signer=SignerFacts(
            kind=SignerKind.KEYLESS,
            name=identity,
            issuer=issuer,
            source_repository=_claim(certificate, _SOURCE_REPOSITORY),
            source_digest=_claim(certificate, _SOURCE_DIGEST),
            source_ref=_claim(certificate, _SOURCE_REF),
            runner_environment=_claim(certificate, _RUNNER_ENVIRONMENT),
            time=proofs[0].time,
            time_source=proofs[0].source,
            logged=True,  # sigstore verifies no bundle without the log's proof
        ),
    )


def _verify_signed(
    verifier: Verifier, bundle: Bundle, cut: SigstoreBundle, policy: Identity
) -> None:
    if bundle.blob is None:
        _, payload = verifier.verify_dsse(cut, policy)
        if payload != bundle.payload:
            raise RefusedError("sigstore read another statement", where="bundle")
    elif bundle.blob.algorithm is not Sha2.SHA256:
        raise RefusedError(f"the digest is a {bundle.blob.algorithm}", where="bundle")
    else:
        digest = Hashed.model_validate({"algorithm": "SHA2_256", "digest": bundle.blob.digest})
        verifier.verify_artifact(digest, cut, policy)


def _proofs(bundle: Bundle) -> tuple[_Proof, ...]:
    """Return the sources of time of a bundle, timestamps first; there is one at least."""
    if len(bundle.log_entries) != 1:
        raise RefusedError(
            f"{len(bundle.log_entries)} log entries", where="bundle.tlogEntries", expected="one"
        )
    material = Fields.of(dict(bundle.document), "bundle").mapping("verificationMaterial")
    entry = _written_out(material.objects("tlogEntries")[0])
    promise = entry.pop("inclusionPromise", None)
    timestamps: list[Json] = []
    if bundle.timestamps:
        timestamps = material.mapping("timestampVerificationData").items("rfc3161Timestamps")
    proofs = tuple(_timestamp_proof(bundle, entry, timestamp) for timestamp in timestamps)
    seconds = bundle.log_entries[0].seconds
    if seconds is not None:
        proofs += (_log_proof(bundle, {**entry, "inclusionPromise": promise}, seconds),)
    if not proofs:
        raise RefusedError(
            "nothing in it proves when it was signed", where="bundle",
            expected="a timestamp, or the promise of a transparency log",
        )  # fmt: skip
    return proofs


def _written_out(entry: Fields) -> dict[str, Json]:
    """Return a log entry with the zeros that protobuf's JSON leaves out, and sigstore wants."""
    zero: dict[str, Json] = {"logIndex": "0"}
    proof = {**zero, "hashes": [], **entry.mapping("inclusionProof").values}
    return {**zero, **entry.values, "inclusionProof": proof}


def _timestamp_proof(bundle: Bundle, entry: dict[str, Json], timestamp: Json) -> _Proof:
    cut = _cut(bundle, entry, {"rfc3161Timestamps": [timestamp]})
    data = cut.verification_material.timestamp_verification_data
    if data is None or len(data.rfc3161_timestamps) != 1:
        raise RefusedError("a timestamp that cannot be read", where="bundle")
    time = data.rfc3161_timestamps[0].tst_info.gen_time
    return _Proof(source=TimeSource.TSA, bundle=cut, time=time)


def _log_proof(bundle: Bundle, entry: dict[str, Json], seconds: int) -> _Proof:
    time = datetime.fromtimestamp(seconds, tz=UTC)
    return _Proof(source=TimeSource.LOG, bundle=_cut(bundle, entry, None), time=time)


def _cut(
    bundle: Bundle, entry: dict[str, Json], timestamps: dict[str, Json] | None
) -> SigstoreBundle:
    certificate: Json = {"rawBytes": b64encode(bundle.certificate or b"").decode()}
    cut: dict[str, Json] = {"certificate": certificate, "tlogEntries": [entry]}
    if timestamps is not None:
        cut["timestampVerificationData"] = timestamps
    # Older bundles have a chain of certificates, of which only the signer's counts: as in newer.
    document = {**bundle.document, "mediaType": MEDIA_TYPE, "verificationMaterial": cut}
    return SigstoreBundle.from_json(dumps(document))


def public_root() -> bytes:
    """Return the public-good TrustedRoot that sigstore carries."""
    return dumps(dict(_trusted_root(None)))


def read_whole_root(data: bytes, *, where: str) -> None:
    """Refuse what sigstore takes for no trusted root.

    Raises:
        InputError: it cannot be read.
    """
    _trusted_root(data, where=where)


def _trusted_root(trusted_root: bytes | None, *, where: str = "trusted root") -> Mapping[str, Json]:
    try:
        if trusted_root is None:
            read = ClientTrustConfig.production(offline=True).trusted_root
        else:
            given = read_trusted_root(trusted_root, where=where)
            read = ClientTrustConfig.from_json(trust_config_with(given)).trusted_root
        # No public method gives the JSON. A root may spell `validFor` as `valid_for`, too: only
        # as sigstore has read it, its periods are surely seen here.
        root = read_trusted_root(read._inner.to_json().encode(), where=where)  # noqa: SLF001
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever is wrong with the root, nothing is trusted)
        raise InputError(_sentence(error), where=where, expected="a TrustedRoot") from None
    return root


def _claim(certificate: x509.Certificate, identifier: x509.ObjectIdentifier) -> str | None:
    """Return the text of a certificate's extension; a DER UTF8String, as Fulcio writes them."""
    try:
        value = certificate.extensions.get_extension_for_oid(identifier).value
    except x509.ExtensionNotFound:
        return None
    der = value.value if isinstance(value, x509.UnrecognizedExtension) else b""
    head, size = der[:2], der[2:]
    if len(head) != len(b"TL") or head[0] != _UTF8_STRING:
        raise RefusedError(f"the extension {identifier.dotted_string} holds no text")
    if head[1] >= _ONE_BYTE_LENGTH:
        width = head[1] - _ONE_BYTE_LENGTH
        length, text = int.from_bytes(size[:width]), size[width:]
    else:
        length, text = head[1], size
    if len(text) != length:
        raise RefusedError(f"the extension {identifier.dotted_string} is damaged")
    return text.decode()


def _sentence(error: BaseException) -> str:
    """Return an error of somebody else's as one line."""
    words = " ".join(str(error).split())
    return f"{words or type(error).__name__:.300}"
