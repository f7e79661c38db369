"""The options that say who signs, for every command that does."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from aigf_dvc.actions.check import read_file
from aigf_dvc.capture.project import load_settings
from aigf_dvc.capture.snapshot import Kind
from aigf_dvc.capture.working_tree import WorkingTree
from aigf_dvc.cli.options import FILE, talk
from aigf_dvc.errors import InputError
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.signing.signature import Signer

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerOptions:
    """What the caller said about the signer."""

    key: Path | None = None
    keyless: bool = False
    trust_config: Path | None = None
    identity_token: str | None = None
    yes_publish: bool = False


def signer_options(command: _Command) -> Callable[..., Any]:
    """Add the options that say who signs; the command gets them as `signing`, a SignerOptions."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        signing = SignerOptions(
            key=given.pop("key"),
            keyless=given.pop("keyless"),
            trust_config=given.pop("trust_config"),
            identity_token=given.pop("identity_token"),
            yes_publish=given.pop("yes_publish"),
        )
        return command(signing=signing, **given)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option(
        "--key", type=FILE, metavar="FILE|URI",
        help="Sign with this private key: a PEM file, or a token's `pkcs11:` URI.",
    ),
    click.option("--keyless", is_flag=True, help="Sign with an identity, by Sigstore."),
    click.option(
        "--trust-config", type=FILE, metavar="FILE",
        help="Keyless with this Sigstore instance (ClientTrustConfig JSON), not the public one.",
    ),
    click.option(
        "--identity-token", metavar="TOKEN", envvar="AIGF_IDENTITY_TOKEN",
        help="Keyless with this OIDC token; better in AIGF_IDENTITY_TOKEN than in the command.",
    ),
    click.option(
        "--yes-publish", is_flag=True,
        help="I know that the public log shows the signer's identity for ever.",
    ),
)  # fmt: skip


def open_signer(signing: SignerOptions, root: Path) -> Signer:
    """Return the signer that the caller named.

    Args:
        signing: what the caller said.
        root: the project's folder: its aigf.yaml may agree to the public log.

    Raises:
        click.UsageError: no signer is named, or two are.
        InputError: the key or the trust config cannot be read.
    """
    token = signing.identity_token if signing.key is None else None
    keyless = signing.keyless or signing.trust_config is not None or token is not None
    if signing.key is not None and keyless:
        raise click.UsageError("--key or --keyless, not both: one bundle has one signature.")
    if signing.key is not None:
        is_token = str(signing.key).startswith("pkcs11:")
        return _token_signer(str(signing.key)) if is_token else _key_signer(signing.key)
    if not keyless:
        raise click.UsageError("Say who signs: --key FILE, or --keyless.")
    return _keyless_signer(signing, root)


def _key_signer(path: Path) -> Signer:
    """Return the signer with a key file; it checks its own signature before it hands it out."""
    from aigf_dvc.signing.bundle import parse_bundle
    from aigf_dvc.signing.keys import (
        is_encrypted,
        load_private_key,
        sign_statement,
        verify_key_bundle,
    )

    pem = read_file(path)
    private = load_private_key(
        pem, _passphrase(path) if is_encrypted(pem) else None, where=str(path)
    )
    _warn(private)

    def sign(payload: bytes) -> bytes:
        bundle = sign_statement(payload, private)
        verify_key_bundle(parse_bundle(bundle), private.public_key())
        return bundle

    return sign


def _token_signer(uri: str) -> Signer:
    """Return the signer with a key in a token; its signature is checked before it is handed out."""
    try:
        from aigf_dvc.signing import pkcs11
    except ImportError:
        raise InputError(
            "signing with a token needs python-pkcs11, which is not installed", where=uri,
            hint="pip install 'aigf-dvc[pkcs11]'",
        ) from None  # fmt: skip
    from aigf_dvc.signing.bundle import parse_bundle
    from aigf_dvc.signing.keys import verify_key_bundle

    address = pkcs11.read_address(uri, default_module=os.environ.get("AIGF_PKCS11_MODULE"))

    def sign(payload: bytes) -> bytes:
        bundle, public = pkcs11.sign_with_token(payload, address, pin=lambda: _pin(uri))
        verify_key_bundle(parse_bundle(bundle), public)
        _warn(public)
        return bundle

    return sign


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
    config = read_file(signing.trust_config) if signing.trust_config is not None else None
    tree = WorkingTree(root)
    has_settings = tree.kind(FILE_NAME) is not Kind.ABSENT
    public = has_settings and load_settings(tree).transparency == "public"

    def sign(payload: bytes) -> bytes:
        from aigf_dvc.signing.keyless import sign_keyless

        return sign_keyless(
            payload,
            trust_config=config,
            identity_token=signing.identity_token,
            consent_public=signing.yes_publish or public,
            interactive=True,
        )

    return sign
