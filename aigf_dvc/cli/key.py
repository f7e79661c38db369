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
@click.option(
    "--type", "kind", type=click.Choice(["p256", "p384", "p521", "ed25519"]), default="p256",
    show_default=True, help="The kind of key.",
)  # fmt: skip
def generate(path: Path, no_passphrase: bool, kind: str) -> None:
    """Write a new signing key to PATH, and its public key beside it (`.pub`).

    ECDSA P-256 is the one kind of key that every verifier of Sigstore bundles accepts: cosign and
    JavaScript's cannot verify P-384 or P-521, model_signing cannot verify Ed25519. The passphrase
    is read from AIGF_KEY_PASSPHRASE, or asked for. Keep the private key out of the repository.

    A key in a hardware token is made with the token's own tools; `aigf attest --key pkcs11:...`
    signs with it.

    \b
    Examples:
      aigf key generate ~/keys/release.key
      aigf key generate ci.key --no-passphrase
      aigf key generate offline.key --type ed25519
    """
    passphrase = None if no_passphrase else _new_passphrase()
    name = write_key(path, passphrase=passphrase, kind=kind)
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
