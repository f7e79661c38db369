"""Opens the signer that the options name: a key file, a key in a token, an identity."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import click

from aigf_dvc.actions.check import read_file
from aigf_dvc.canonical import Json
from aigf_dvc.capture.project import load_settings
from aigf_dvc.capture.snapshot import Kind
from aigf_dvc.capture.working_tree import WorkingTree
from aigf_dvc.cli.options import talk
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.errors import InputError
from aigf_dvc.report.visible import visible
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.signature import Signer

PutIntoLog = Callable[[bytes, bytes, PublicKey], dict[str, Json] | None]
"""Puts a payload's signature by a key into a log; returns the log's entry."""

MakeSignature = Callable[[bytes], tuple[bytes, PublicKey]]
"""Signs a message; returns the signature and the public key that verifies it."""


def open_signer(signing: SignerOptions, root: Path) -> Signer:
    """Return the one signer that the caller named; see `open_signers`."""
    if len(signing.keys) > 1:
        raise click.UsageError("This command signs with one --key.")
    return open_signers(signing, root)[0]


def open_signers(signing: SignerOptions, root: Path) -> tuple[Signer, ...]:
    """Return the signers that the caller named: several keys, or one of any other kind.

    Args:
        signing: what the caller said.
        root: the project's folder: its aigf.yaml may agree to the public log.

    Raises:
        click.UsageError: no signer is named, two of different kinds, or one key twice.
        InputError: a key or the trust config cannot be read.
    """
    if len(set(signing.keys)) < len(signing.keys):
        raise click.UsageError("Each --key once: two signatures of one key are no two signers.")
    if len(signing.keys) > 1 and signing.certificate is not None:
        raise click.UsageError("--certificate goes with one --key.")
    token = signing.identity_token if signing.key is None else None
    instance = signing.trust_config or signing.tuf_url or signing.tuf_root
    keyless = any((signing.keyless, instance, token, signing.identity_token_file))
    if signing.key is not None and keyless:
        raise click.UsageError("--key or --keyless, not both: one bundle has one signature.")
    if signing.key is not None:
        return tuple(_key_signer(signing, key, root) for key in signing.keys)
    if signing.certificate or signing.timestamp_url or signing.log_url:
        raise click.UsageError("--certificate, --timestamp-url and --log-url go with --key.")
    if not keyless:
        raise click.UsageError("Say who signs: --key FILE, or --keyless.")
    return (_keyless_signer(signing, root),)


def _key_signer(signing: SignerOptions, key: Path, root: Path) -> Signer:
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

    if is_public_url(url) and not _may_publish(signing, root):
        raise InputError(
            "the public log shows the key, and when it signed, for ever and for all to read",
            where="--log-url", expected="consent",
            hint="set `transparency: public` in aigf.yaml, or give --yes-publish",
        )  # fmt: skip

    def put(payload: bytes, signature: bytes, key: PublicKey) -> dict[str, Json]:
        from aigf_dvc.signing.log_upload import log_signature

        return log_signature(payload, signature, key, url=url, version=signing.log_version)

    return put


def _may_publish(signing: SignerOptions, root: Path) -> bool:
    """Tell whether the signer agreed to the public log, here or in the project's aigf.yaml."""
    tree = WorkingTree(root)
    has_settings = tree.kind(FILE_NAME) is not Kind.ABSENT
    return signing.yes_publish or (has_settings and load_settings(tree).transparency == "public")


def _certificate_signer(path: Path, url: str | None, make: MakeSignature) -> Signer:
    from aigf_dvc.signing.certificate import read_certificates, sign_with_certificate

    if url is None:
        raise click.UsageError(
            "--certificate needs --timestamp-url: a certificate ends, and only a timestamp tells "
            "that it signed before."
        )
    certificate, *_ = read_certificates(read_file(path), where=str(path))

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
    from aigf_dvc.signing.keys import is_encrypted, load_private_key

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


def _keyless_signer(signing: SignerOptions, root: Path) -> Signer:
    if signing.identity_token is not None and signing.identity_token_file is not None:
        raise click.UsageError("--identity-token (AIGF_IDENTITY_TOKEN) or its file, not both.")
    if signing.tuf_root is not None and signing.tuf_url is None:
        raise click.UsageError("--tuf-root goes with --tuf-url.")
    if signing.tuf_url is not None and signing.trust_config is not None:
        raise click.UsageError("--trust-config or --tuf-url, not both: one instance signs.")
    config = read_file(signing.trust_config) if signing.trust_config is not None else None
    may_publish = _may_publish(signing, root)

    def sign(payload: bytes) -> bytes:
        from aigf_dvc.signing.keyless import sign_keyless

        file = signing.identity_token_file
        return sign_keyless(
            payload,
            trust_config=_by_tuf(signing.tuf_url, signing.tuf_root) or config,
            identity_token=signing.identity_token if file is None else _token_in(file),
            consent_public=may_publish,
            interactive=True,
            told=lambda words: talk(f"aigf: {visible(words)}"),
        )

    return sign


def _by_tuf(url: str | None, root: Path | None) -> bytes | None:
    if url is None:
        return None
    from aigf_dvc.signing.instance import fetch_trust_config

    return fetch_trust_config(url, root)


def _token_in(path: Path) -> str:
    """Read a token at the moment of signing: whoever renews it writes the file anew."""
    token = read_file(path).strip()
    if not token:
        raise InputError("an empty file", where=str(path), expected="an OIDC token")
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) and os.name == "posix":
        talk(f"aigf: warning: {path}: others can read this token, and sign in its name (chmod 600)")
    return token.decode(errors="replace")
