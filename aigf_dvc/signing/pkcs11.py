"""Signs with a key that never leaves its token; the home of python-pkcs11 (the extra `pkcs11`).

See: RFC 7512 (the PKCS #11 URI scheme)
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from msgspec import Struct
from pkcs11.util.ec import encode_ec_public_key

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.signing.key_kinds import HASHES, PublicKey, kind_of

SCHEME = "pkcs11:"
_PATH_KEYS = ("token", "serial", "object", "id", "type")
_QUERY_KEYS = ("module-path",)
_FORM = "pkcs11:token=NAME;object=NAME?module-path=/path/to/module.so"


class KeyAddress(Struct, frozen=True, kw_only=True):
    """Which key of which token, by which module."""

    module: str
    token: str | None
    serial: bytes | None
    label: str | None
    id: bytes | None
    uri: str


def read_address(uri: str, *, default_module: str | None) -> KeyAddress:
    """Read a PKCS #11 URI.

    Args:
        uri: such as `pkcs11:token=release;object=models?module-path=/usr/lib/libtoken.so`.
        default_module: the module where the URI names none.

    Raises:
        InputError: the URI is damaged, holds a PIN, or names no key or no module.
    """
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    named = _attributes(path, ";", _PATH_KEYS, uri)
    asked = _attributes(query, "&", _QUERY_KEYS, uri)
    if "object" not in named and "id" not in named:
        raise InputError("a URI that names no key", where=uri, expected=_FORM)
    if named.get("type", "private") != "private":
        raise InputError(f"type={named['type']}", where=uri, expected="type=private")
    module = asked.get("module-path") or default_module
    if not module:
        raise InputError(
            "no PKCS #11 module", where=uri, expected=_FORM,
            hint="or set AIGF_PKCS11_MODULE to the path of the token's library",
        )  # fmt: skip
    return KeyAddress(
        module=module,
        token=named.get("token"),
        serial=named["serial"].encode() if "serial" in named else None,
        label=named.get("object"),
        id=named["id"].encode("latin-1") if "id" in named else None,
        uri=uri,
    )


def _attributes(text: str, separator: str, known: tuple[str, ...], uri: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name in ("pin-value", "pin-source"):
            raise InputError(
                f"`{name}` in the URI", where=_without_pin(uri), expected="no secret in a command",
                hint="give the PIN in AIGF_PKCS11_PIN, or type it when asked",
            )  # fmt: skip
        if not equals or name not in known or name in found:
            raise InputError(
                f"the attribute {part!r:.60}", where=uri, expected=f"one of {', '.join(known)}"
            )
        encoding = "latin-1" if name == "id" else "utf-8"
        found[name] = unquote(value, encoding=encoding, errors="strict")
    return found


def _without_pin(uri: str) -> str:
    return uri.partition("?")[0].partition("pin-")[0]


def token_signature(
    message: bytes, address: KeyAddress, *, pin: Callable[[], str]
) -> tuple[bytes, PublicKey]:
    """Return a token's signature of a message, and the key's public half.

    Raises:
        InputError: no such module, token or key, a wrong PIN, or a key that does not sign here.
        UndecidedError: the token failed.
    """
    with _session(address, pin) as session:
        private = _find(session, address, pkcs11.ObjectClass.PRIVATE_KEY)
        public = _public_key(_find(session, address, pkcs11.ObjectClass.PUBLIC_KEY), address)
        kind = kind_of(public)
        if kind is None or kind.name not in HASHES:
            raise InputError(
                "another kind of key",
                where=address.uri,
                expected="an ECDSA key, P-256, P-384 or P-521",
            )
        digest = hashlib.new(HASHES[kind.name], message).digest()
        raw = bytes(private.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:])), public


@contextmanager
def _session(address: KeyAddress, pin: Callable[[], str]) -> Iterator[pkcs11.Session]:
    try:
        library = pkcs11.lib(address.module)
    except (RuntimeError, OSError, pkcs11.PKCS11Error) as error:
        raise InputError(
            f"the module cannot be loaded: {_words(error)}", where=address.module,
            expected="the PKCS #11 library of the token",
        ) from None  # fmt: skip
    try:
        token = library.get_token(token_label=address.token, token_serial=address.serial)
        with token.open(user_pin=pin()) as session:
            yield session
    except (pkcs11.NoSuchToken, pkcs11.MultipleTokensReturned):
        names = ", ".join(sorted(_token_names(library)))
        raise InputError(
            "no such token, or several", where=address.uri,
            expected=f"one of {names}" if names else "a token; there is none",
        ) from None  # fmt: skip
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        raise InputError(
            "the PIN is wrong", where=address.uri, hint="a token locks itself after a few tries"
        ) from None
    except pkcs11.PinLocked:
        raise InputError("the token is locked", where=address.uri) from None
    except pkcs11.PKCS11Error as error:
        raise UndecidedError(f"the token failed: {_words(error)}", where=address.uri) from None


def _token_names(library: Any) -> Iterator[str]:  # noqa: ANN401  # the library has no such type
    for slot in library.get_slots(token_present=True):
        token = slot.get_token()
        if token.flags & pkcs11.TokenFlag.TOKEN_INITIALIZED:
            yield token.label


def _find(session: pkcs11.Session, address: KeyAddress, kind: pkcs11.ObjectClass) -> Any:  # noqa: ANN401  # what a key can do, its token says
    half = "private" if kind is pkcs11.ObjectClass.PRIVATE_KEY else "public"
    try:
        return session.get_key(object_class=kind, label=address.label, id=address.id)
    except pkcs11.NoSuchKey:
        found = f"no {half} key of this name"
    except pkcs11.MultipleObjectsReturned:
        found = f"several {half} keys of this name"
    raise InputError(
        found, where=address.uri, expected="one key pair",
        hint="name it by `object=` or `id=` as the token does (`pkcs11-tool --list-objects`)",
    )  # fmt: skip


def _public_key(found: Any, address: KeyAddress) -> PublicKey:  # noqa: ANN401  # as `_find` has it
    try:
        key = load_der_public_key(encode_ec_public_key(found))
    except (ValueError, KeyError, TypeError, pkcs11.PKCS11Error):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise InputError(
            "another kind of key", where=address.uri, expected="an ECDSA key, P-256, P-384 or P-521"
        )
    return key


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
