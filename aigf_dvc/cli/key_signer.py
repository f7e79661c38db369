"""Opens the signer that is a key: in a file or a token, with its certificate, stamp and log."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.canonical import Json
from aigf_dvc.cli.options import talk
from aigf_dvc.cli.publishing import may_publish
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.clock import now
from aigf_dvc.errors import InputError
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.signature import Signer

PutIntoLog = Callable[[bytes, bytes, PublicKey], dict[str, Json] | None]
"""Puts a payload's signature by a key into a log; returns the log's entry."""

MakeSignature = Callable[[bytes], tuple[bytes, PublicKey]]
"""Signs a message; returns the signature and the public key that verifies it."""


def key_signer(signing: SignerOptions, key: Path, root: Path) -> Signer:
    """Return the signer with a key; its signature is verified before it is handed out."""
    if signing.certificate is not None and signing.log_url is not None:
        raise click.UsageError("--log-url goes with a bare --key, not with --certificate.")
    put_into_log = _log(signing, root)
    is_token = str(key).startswith("pkcs11:")
    make = _token_key(str(key)) if is_token else _file_key(key)
    url = signing.timestamp_url
    if signing.certificate is not None:
        return _certificate_signer(signing.certificate, url, make)

    def sign(payload: bytes) -> bytes:
        from aigf_dvc.signing.bundle import pae
        from aigf_dvc.signing.keys import signed_statement

        signature, public = make(pae(payload))
        _warn(public)
        stamp, entry = _stamp(signature, url), put_into_log(payload, signature, public)
        return signed_statement(payload, signature, public, stamp=stamp, entry=entry)

    return sign


def _log(signing: SignerOptions, root: Path) -> PutIntoLog:
    """Return what puts a signature into the log that the caller names.

    Raises:
        InputError: it is the public log, and the caller has not agreed to it.
    """
    url = signing.log_url
    if url is None:
        return lambda _payload, _signature, _key: None
    from aigf_dvc.signing.trusted_root import is_public_url

    if is_public_url(url) and not may_publish(signing, root):
        raise InputError(
            "the public log shows the key, and when it signed, for ever and for all to read",
            where="--log-url", expected="consent",
            hint="set `transparency: public` in aigf.yaml, or give --yes-publish",
        )  # fmt: skip

    def put(payload: bytes, signature: bytes, key: PublicKey) -> dict[str, Json]:
        from aigf_dvc.signing.log_upload import log_signature

        return log_signature(payload, signature, key, url=url, version=signing.log_version)

    return put


def _certificate_signer(path: Path, url: str | None, make: MakeSignature) -> Signer:
    from aigf_dvc.signing.certificate import (
        demand_able_to_sign,
        read_certificates,
        sign_with_certificate,
    )

    if url is None:
        raise click.UsageError(
            "--certificate needs --timestamp-url: a certificate ends, and only a timestamp tells "
            "that it signed before."
        )
    certificate, *_ = read_certificates(read_file(path), where=str(path))
    demand_able_to_sign(certificate, at=now(), where=str(path))

    def sign(payload: bytes) -> bytes:
        return sign_with_certificate(
            payload,
            certificate,
            sign=lambda message: make(message)[0],
            stamp=lambda signature: _stamp(signature, url) or b"",
        )

    return sign


def _stamp(signature: bytes, url: str | None) -> bytes | None:
    if url is None:
        return None
    from aigf_dvc.signing.timestamps import request_timestamp

    return request_timestamp(signature, url)


def _file_key(path: Path) -> MakeSignature:
    from aigf_dvc.signing import key_kinds
    from aigf_dvc.signing.private_keys import is_encrypted, load_private_key

    pem = read_file(path)
    private = load_private_key(
        pem, _passphrase(path) if is_encrypted(pem) else None, where=str(path)
    )
    return lambda message: (key_kinds.sign(private, message), private.public_key())


def _token_key(uri: str) -> MakeSignature:
    try:
        from aigf_dvc.signing import pkcs11
    except ImportError:
        raise InputError(
            "signing with a token needs python-pkcs11, which is not installed", where=uri,
            hint="pip install 'aigf-dvc[pkcs11]'",
        ) from None  # fmt: skip
    address = pkcs11.read_address(uri, default_module=os.environ.get("AIGF_PKCS11_MODULE"))
    return lambda message: pkcs11.token_signature(message, address, pin=lambda: _pin(uri))


def _warn(key: object) -> None:
    """Say which of the usual verifiers cannot verify with a key."""
    from aigf_dvc.signing.key_kinds import kind_of

    kind = kind_of(key)
    if kind is not None and kind.who_cannot:
        talk(f"aigf: warning: {kind.who_cannot}; P-256 is the one kind that every verifier accepts")


def _pin(uri: str) -> str:
    return _secret("AIGF_PKCS11_PIN", "PIN of the token", where=uri, found="the token has a PIN")


def _passphrase(path: Path) -> bytes:
    found = "the key is encrypted"
    return _secret("AIGF_KEY_PASSPHRASE", "Passphrase", where=str(path), found=found).encode()


def _secret(variable: str, prompt: str, *, where: str, found: str) -> str:
    given = os.environ.get(variable)
    if given is None and not sys.stdin.isatty():
        raise InputError(found, where=where, expected=f"the secret in {variable}")
    return str(given if given is not None else click.prompt(prompt, hide_input=True, err=True))
