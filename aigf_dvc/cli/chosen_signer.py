"""Tells whom the options of `aigf verify` trust to have signed."""

from pathlib import Path

import click
from msgspec import Struct

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.cli.root_file import read_root
from aigf_dvc.cli.verify_asked import Asked
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import AnySigner, CertificateSigner, KeylessSigner, KeySigner


class Pki(Struct, frozen=True, kw_only=True):
    """The files of one's own PKI: who issues certificates, and who tells the time."""

    signers: Path | None = None
    times: Path | None = None


def chosen_signer(
    key: Path | None,
    identity: str | None,
    issuer: str | None,
    *,
    trusted_root: Path | None,
    pki: Pki,
) -> AnySigner:
    """Return whom the caller trusts to have signed.

    Raises:
        click.UsageError: nobody, several, or a part of somebody only.
        InputError: a file cannot be read.
    """
    if key is not None and identity is not None:
        raise click.UsageError("--key or --identity, not both.")
    if key is None and identity is None:
        raise click.UsageError(
            "Say whom you trust: --key FILE, --identity ID --issuer URL, or --trust FILE with "
            "the role `attest`."
        )
    if pki.signers is not None:
        return _certificate(identity, pki, other=bool(key or issuer or trusted_root))
    times = read_file(pki.times) if pki.times is not None else None
    if key is not None:
        if issuer:
            raise click.UsageError("--issuer goes with --identity, not with --key.")
        public = load_public_key(read_file(key), where=str(key))
        logs = read_root(trusted_root, keyless=False)
        return KeySigner(public_key=public, times=times, logs=logs)
    if times is not None:
        raise click.UsageError(
            "--timestamp-authority goes with --key or --certificate-authority; "
            "a --trusted-root names its own."
        )
    if identity is None or issuer is None:
        raise click.UsageError("--identity needs --issuer too: anyone can vouch for a name.")
    root = read_root(trusted_root)
    return KeylessSigner(identity=identity, issuer=issuer, trusted_root=root)


def root_of_signer(
    trusted_root: Path | None,
    *,
    key: Path | None,
    identity: str | None,
    require_log: bool,
    observed: bool,
) -> Path | None:
    """Return the trusted root if it is for the signer, too, and not for an observer alone.

    Args:
        trusted_root: the file that the caller named.
        key: the key that must have signed; in a log of the root, when the root is for it.
        identity: or the identity.
        require_log: whether the key's signature must stand in a log all the same.
        observed: whether an observer's identity needs the root.

    Raises:
        click.UsageError: a log is required of no key, or without a root that names it.
    """
    if require_log and (key is None or trusted_root is None):
        raise click.UsageError("--require-log goes with --key and --trusted-root.")
    return trusted_root if identity or require_log or not observed else None


def _certificate(identity: str | None, pki: Pki, *, other: bool) -> CertificateSigner:
    if other or identity is None:
        raise click.UsageError(
            "--certificate-authority goes with --identity, not with --key, --issuer or "
            "--trusted-root."
        )
    if pki.signers is None or pki.times is None:
        raise click.UsageError(
            "--certificate-authority needs --timestamp-authority: a certificate ends, and only a "
            "timestamp tells that it signed before."
        )
    return CertificateSigner(
        identity=identity, signers=read_file(pki.signers), times=read_file(pki.times)
    )


def signer_asked(asked: Asked) -> AnySigner:
    """Return whom the options of `aigf verify` trust to have signed.

    Raises:
        click.UsageError, InputError: as `chosen_signer` says.
    """
    return chosen_signer(
        asked.key,
        asked.identity,
        asked.issuer,
        pki=Pki(signers=asked.signers, times=asked.times),
        trusted_root=root_of_signer(
            asked.trusted_root,
            key=asked.key,
            identity=asked.identity,
            require_log=asked.require_log,
            observed=asked.observers.identity is not None,
        ),
    )
