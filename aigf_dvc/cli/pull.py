"""`aigf pull`: fetch attestations from a git remote, or from another store."""

from pathlib import Path

import click

from aigf_dvc.cli.options import counted, talk
from aigf_dvc.git.program import work_tree
from aigf_dvc.stores.git_ref import GitRefStore


@click.command(name="pull")
@click.argument("remote", default="origin")
@click.option("--from", "source", metavar="STORE", help="Not from a git remote, but this store.")
def command(remote: str, source: str | None) -> None:
    """Fetch attestations from a git remote, or another store, and join them with ours.

    A file that is not what its name says is left out.

    \b
    Examples:
      aigf pull
      aigf pull upstream
      aigf pull --from oci://registry.example/acme/attestations
    """
    ours = GitRefStore(work_tree(Path.cwd()))
    if source is None:
        new = ours.pull(remote)
        found = f"{counted(new, 'new file')} from {remote}"
    else:
        from aigf_dvc.actions.copy_store import copy_store
        from aigf_dvc.stores.open import open_store

        copied = copy_store(open_store(source), ours)
        found = f"{counted(copied.files, 'file')} from {source}"
        if copied.unreadable:
            talk(f"left out, not what their names say: {', '.join(copied.unreadable[:5])}")
    talk(f"{found}; {counted(ours.count(), 'attestation')} here")
