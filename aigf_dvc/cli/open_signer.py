"""Opens the signers that the options name: a key file, a key in a token, an identity."""

from pathlib import Path

import click

from aigf_dvc.cli.key_signer import key_signer
from aigf_dvc.cli.keyless_signer import keyless_signer
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.signing.signature import Signer


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
        return tuple(key_signer(signing, key, root) for key in signing.keys)
    if signing.certificate or signing.timestamp_url or signing.log_url:
        raise click.UsageError("--certificate, --timestamp-url and --log-url go with --key.")
    if not keyless:
        raise click.UsageError("Say who signs: --key FILE, or --keyless.")
    return (keyless_signer(signing, root),)
