"""The Sigstore bundles of OpenSSF Model Signing, in the forms that its programs write.

They differ from strict version 0.3 in what names the signer: a certificate comes with its chain, a
key of programs before 1.1 as itself, and `keyid` may be null. Nothing of that is signed, so such a
bundle can be written anew in the strict form; what was signed stays as it is.

See: https://github.com/ossf/model-signing-spec/blob/main/spec/v1.0.md, sections 4.1 and 11
"""

from collections.abc import Mapping

from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import MAX_BYTES

MOST_CERTIFICATES = 10
_WHERE = "bundle"
_NO_HINT = "unknown"


class OmsBundle(Struct, frozen=True, kw_only=True):
    """A bundle in the strict form, and the certificates that came with its signer's."""

    strict: bytes
    between: tuple[bytes, ...] = ()  # DER; nobody trusts them yet


def read_oms_bundle(data: bytes) -> OmsBundle:
    """Return a bundle in the one form that everything else here reads.

    Raises:
        RefusedError: it is no bundle, or of a form that no program writes.
    """
    if not data.strip():
        raise RefusedError("an empty file", where=_WHERE, expected="a signature of a model")
    top = Fields.read(data, _WHERE, max_bytes=MAX_BYTES)
    material, between = _material(top.mapping("verificationMaterial"))
    envelope = _envelope(top.mapping("dsseEnvelope"))
    changed = {"verificationMaterial": material, "dsseEnvelope": envelope}
    if all(top.values[key] is value for key, value in changed.items()):
        return OmsBundle(strict=data)
    return OmsBundle(strict=dumps({**top.values, **changed}), between=between)


def _material(material: Fields) -> tuple[Mapping[str, Json], tuple[bytes, ...]]:
    """Return who signed, in the strict form, and the rest of a chain."""
    if "x509CertificateChain" in material.values:
        if "certificate" in material.values or "publicKey" in material.values:
            raise RefusedError("several signers", where=material.where, expected="one of them")
        chain = material.mapping("x509CertificateChain")
        chain.only("certificates")
        certificates = chain.objects("certificates")
        if not 0 < len(certificates) <= MOST_CERTIFICATES:
            raise RefusedError(
                f"{len(certificates)} certificates", where=chain.at("certificates"),
                expected=f"1 to {MOST_CERTIFICATES}",
            )  # fmt: skip
        for certificate in certificates:
            certificate.only("rawBytes")
        rest = {k: v for k, v in material.values.items() if k != "x509CertificateChain"}
        between = tuple(certificate.base64("rawBytes") for certificate in certificates[1:])
        return {**rest, "certificate": certificates[0].values}, between
    key = material.optional_mapping("publicKey")
    if key is None or key.values.keys() == {"hint"}:
        return material.values, ()
    key.only("hint", "rawBytes", "keyDetails")
    # The judge names the key; what the bundle says of it only helps to tell what went wrong.
    return {**material.values, "publicKey": {"hint": key.optional_text("hint") or _NO_HINT}}, ()


def _envelope(envelope: Fields) -> Mapping[str, Json]:
    signatures = envelope.objects("signatures")
    if not any("keyid" in item.values and item.values["keyid"] is None for item in signatures):
        return envelope.values
    plain = [{k: v for k, v in item.values.items() if v is not None} for item in signatures]
    return {**envelope.values, "signatures": plain}
