"""The one form of a public key as DER and PEM (SubjectPublicKeyInfo), for the kinds that sign here.

The library's own reader and writer load RSA, ciphers and SSH first, which takes a small
verification as long as all of its own work.

See: https://www.rfc-editor.org/rfc/rfc5480#section-2
See: https://www.rfc-editor.org/rfc/rfc8410#section-4
"""

from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from aigf_dvc.signing.key_kinds import PublicKey

_CURVES: dict[str, tuple[ec.EllipticCurve, bytes]] = {  # with what stands before a point
    curve.name: (curve, bytes.fromhex(before))
    for curve, before in (
        (ec.SECP256R1(), "3059301306072a8648ce3d020106082a8648ce3d030107034200"),
        (ec.SECP384R1(), "3076301006072a8648ce3d020106052b81040022036200"),
        (ec.SECP521R1(), "30819b301006072a8648ce3d020106052b8104002303818600"),
    )
}
_BEFORE_ED25519 = bytes.fromhex("302a300506032b6570032100")
_BEGIN, _END = b"-----BEGIN PUBLIC KEY-----\n", b"\n-----END PUBLIC KEY-----\n"
_COLUMNS = 64


def public_der(key: PublicKey) -> bytes:
    """Return a public key as DER."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return _BEFORE_ED25519 + key.public_bytes_raw()
    numbers = key.public_numbers()
    curve, before = _CURVES[key.curve.name]
    size = (curve.key_size + 7) // 8
    return before + b"\4" + numbers.x.to_bytes(size) + numbers.y.to_bytes(size)


def public_pem(key: PublicKey) -> bytes:
    """Return a public key as PEM."""
    text = b64encode(public_der(key))
    lines = (text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS))
    return _BEGIN + b"\n".join(lines) + _END


def usual_key(pem: bytes) -> PublicKey | None:
    """Return the key of a PEM that `public_pem` could have written, or None."""
    try:
        key = _key(b64decode(pem.removeprefix(_BEGIN).removesuffix(_END)))
    except ValueError:  # such as a point that is not on its curve
        return None
    return key if key is not None and public_pem(key) == pem else None


def _key(der: bytes) -> PublicKey | None:
    for curve, before in _CURVES.values():
        if der.startswith(before):
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, der.removeprefix(before))
    if der.startswith(_BEFORE_ED25519):
        return ed25519.Ed25519PublicKey.from_public_bytes(der.removeprefix(_BEFORE_ED25519))
    return None
