"""`aigf push`: send attestations to a git remote, or to another store."""

from pathlib import Path

import click

from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import counted, format_option, talk
from aigf_dvc.git.program import work_tree
from aigf_dvc.redaction import redact_url
from aigf_dvc.stores.git_ref import GitRefStore


@click.command(name="push")
@click.argument("remote", default="origin")
@click.option("--to", "store", metavar="STORE", help="Not to a git remote, but to this store.")
@format_option
def command(remote: str, store: str | None, form: str) -> None:
    """Send the attestations (refs/aigf/attestations) to a git remote, or to another store.

    What is there already is joined with ours; nothing is ever lost or written over.

    \b
    Examples:
      aigf push
      aigf push upstream
      aigf push --to oci://registry.example/acme/attestations
      aigf push --to s3://acme-attestations/models
    """
    ours = GitRefStore(work_tree(Path.cwd()))
    place = redact_url(remote if store is None else store)
    if store is None:
        sent, whose = ours.push(remote), ""
    else:
        from aigf_dvc.actions.copy_store import copy_store
        from aigf_dvc.stores.open import open_store

        sent, whose = copy_store(ours, open_store(store)).bundles, " of ours"
    if form == "json":
        click.echo(pretty({"to": place, "attestations": sent}))
    else:
        talk(f"{place} now holds {counted(sent, 'attestation')}{whose}")
