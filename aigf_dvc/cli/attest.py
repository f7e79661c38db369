"""`aigf attest`: sign what a passing model was made from."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from aigf_dvc.actions.attest import Attested, Order, attest
from aigf_dvc.actions.check import read_file
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import Project, find_project, load_settings
from aigf_dvc.capture.working_tree import WorkingTree
from aigf_dvc.cli.options import (
    FILE,
    format_option,
    output_option,
    reading_progress,
    talk,
    use_color,
)
from aigf_dvc.clock import now
from aigf_dvc.errors import InputError
from aigf_dvc.policy.verdict import Result
from aigf_dvc.report.verdict_json import verdict_as_json
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.signing.bundle import join_bundles, parse_bundle
from aigf_dvc.signing.keys import is_encrypted, load_private_key, sign_statement, verify_key_bundle
from aigf_dvc.stores.open import open_store


@click.command(name="attest")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", metavar="REV", help="A commit; HEAD by default.")
@click.option("--key", type=FILE, metavar="FILE", help="Sign with this private key.")
@click.option("--keyless", is_flag=True, help="Sign with an identity, by Sigstore.")
@click.option(
    "--trust-config", type=FILE, metavar="FILE",
    help="Keyless with this Sigstore instance (ClientTrustConfig JSON), not the public one.",
)  # fmt: skip
@click.option(
    "--identity-token", metavar="TOKEN", envvar="AIGF_IDENTITY_TOKEN",
    help="Keyless with this OIDC token; better in AIGF_IDENTITY_TOKEN than on the command line.",
)  # fmt: skip
@click.option(
    "--yes-publish", is_flag=True,
    help="I know that the public log shows the signer's identity for ever.",
)  # fmt: skip
@click.option("--environment", metavar="ENV", help="What it is for; aigf.yaml's by default.")
@click.option(
    "--to", "store", default="git", show_default=True, help="`git`, `git:PATH` or a folder."
)
@format_option
@output_option("the bundle (several models: JSON Lines)")
def command(
    models: tuple[str, ...],
    revision: str | None,
    key: Path | None,
    keyless: bool,
    trust_config: Path | None,
    identity_token: str | None,
    yes_publish: bool,
    environment: str | None,
    store: str,
    form: str,
    output: Path | None,
) -> None:
    """Attest models: judge them as the commit has them, and sign for those that pass.

    The attestation is an in-toto statement in a Sigstore bundle. It goes to the git ref
    refs/aigf/attestations (`aigf push` sends it on) and, with --output, to a file. There is no
    signer by default: give --key, or --keyless with the identity of a CI job or of yours.
    The passphrase of a key is read from AIGF_KEY_PASSPHRASE, or asked for.

    \b
    Examples:
      aigf attest --key ~/keys/release.key
      aigf attest fraud --key release.key --environment staging --output fraud.sigstore.json
      aigf attest --keyless --trust-config sigstore.example.json
      aigf attest --keyless --yes-publish          the public Sigstore
    """
    keyless = keyless or trust_config is not None or (identity_token is not None and key is None)
    if key is not None and keyless:
        raise click.UsageError("--key or --keyless, not both: one bundle has one signature.")
    if key is None and not keyless:
        raise click.UsageError("Say who signs: --key FILE, or --keyless.")
    project = find_project(Path.cwd())
    sign = (
        _key_signer(key)
        if key is not None
        else _keyless_signer(project, trust_config, identity_token, consent=yes_publish)
    )
    place = f"git:{project.repository}" if store == "git" else store
    with reading_progress() as progress:
        order = Order(
            project=project,
            sign=sign,
            store=open_store(place),
            at=now(),
            models=models,
            revision=revision,
            environment=environment,
            progress=progress,
        )
        attested = attest(order)
    bundles = [item.bundle for item in attested if item.bundle is not None]
    if output is not None and bundles:
        data = bundles[0] if len(bundles) == 1 else join_bundles(bundles)
        write_atomically(output, data)
    _show(attested, form, output, order.store.place)


def _key_signer(path: Path) -> Callable[[bytes], bytes]:
    """Return the signer with a key file; it checks its own signature before it hands it out."""
    pem = read_file(path)
    private = load_private_key(
        pem, _passphrase(path) if is_encrypted(pem) else None, where=str(path)
    )

    def sign(payload: bytes) -> bytes:
        bundle = sign_statement(payload, private)
        verify_key_bundle(parse_bundle(bundle), private.public_key())
        return bundle

    return sign


def _passphrase(path: Path) -> bytes:

    given = os.environ.get("AIGF_KEY_PASSPHRASE")
    if given is None and not sys.stdin.isatty():
        raise InputError(
            "the key is encrypted",
            where=str(path),
            expected="its passphrase in AIGF_KEY_PASSPHRASE",
        )
    text = given if given is not None else click.prompt("Passphrase", hide_input=True, err=True)
    return str(text).encode()


def _keyless_signer(
    project: Project, trust_config: Path | None, token: str | None, *, consent: bool
) -> Callable[[bytes], bytes]:

    config = read_file(trust_config) if trust_config is not None else None
    public = load_settings(WorkingTree(project.root)).transparency == "public"

    def sign(payload: bytes) -> bytes:
        from aigf_dvc.signing.keyless import sign_keyless

        return sign_keyless(
            payload,
            trust_config=config,
            identity_token=token,
            consent_public=consent or public,
            interactive=True,
        )

    return sign


def _show(attested: tuple[Attested, ...], form: str, output: Path | None, place: str) -> None:

    if form == "json":
        rows = [
            {
                "verdict": verdict_as_json(item.verdict),
                "environment": item.environment,
                "stored": item.stored or None,
                "subject": [{"name": f.name, "digest": {"sha256": f.sha256}} for f in item.files],
            }
            for item in attested
        ]
        click.echo(pretty({"attested": rows}))
    else:
        said = verdict_text([item.verdict for item in attested], color=use_color())
        click.echo(said.rstrip("\n"))
        for item in attested:
            if item.bundle is None:
                talk(f"{item.verdict.model}: not signed, because it did not pass")
            else:
                talk(f"{item.verdict.model}: signed for {item.environment}, kept in {place}")
        if output is not None and any(item.bundle for item in attested):
            talk(f"wrote {output}")
        for item in attested:
            if item.bundle is not None:
                digest = item.verdict.policy.sha256
                talk(f"to verify {item.verdict.model}: aigf verify {item.path} --from git \\")
                talk(f"  --key PUBLIC.pub --policy-digest sha256:{digest}")
    codes = {Result.PASSED: 0, Result.DENIED: 1, Result.UNDECIDED: 3}
    sys.exit(max(codes[item.verdict.result] for item in attested))
