"""`aigf key generate`: make a signing key."""

import os
import sys
from pathlib import Path

import click

from aigf_dvc.actions.key_generate import generate as write_key
from aigf_dvc.actions.key_generate import public_key_path
from aigf_dvc.cli.options import FILE, talk


@click.group(name="key")
def command() -> None:
    """Make a key to sign attestations with."""


@command.command(name="generate")
@click.argument("path", type=FILE)
@click.option("--no-passphrase", is_flag=True, help="Leave the private key unencrypted.")
def generate(path: Path, no_passphrase: bool) -> None:
    """Write a new ECDSA P-256 key to PATH, and its public key beside it (`.pub`).

    P-256 is the one kind of key that every verifier of Sigstore bundles accepts. The passphrase is
    read from AIGF_KEY_PASSPHRASE, or asked for. Keep the private key out of the repository.

    \b
    Examples:
      aigf key generate ~/keys/release.key
      aigf key generate ci.key --no-passphrase
    """
    passphrase = None if no_passphrase else _new_passphrase()
    name = write_key(path, passphrase=passphrase)
    talk(f"wrote {path} (keep it secret) and {public_key_path(path)} (give it to the verifiers)")
    click.echo(name)


def _new_passphrase() -> bytes:
    given = os.environ.get("AIGF_KEY_PASSPHRASE")
    if given:
        return given.encode()
    if not sys.stdin.isatty():
        raise click.UsageError("Set AIGF_KEY_PASSPHRASE, or say --no-passphrase.")
    text = click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
    return str(text).encode()
