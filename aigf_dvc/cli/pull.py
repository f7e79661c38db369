"""`aigf pull`: fetch attestations from a git remote."""

from pathlib import Path

import click

from aigf_dvc.cli.options import counted, talk
from aigf_dvc.git.program import work_tree
from aigf_dvc.stores.git_ref import GitRefStore


@click.command(name="pull")
@click.argument("remote", default="origin")
def command(remote: str) -> None:
    """Fetch the attestations (refs/aigf/attestations) of a git remote and join them with ours.

    A file that is not what its name says is left out.

    \b
    Examples:
      aigf pull
      aigf pull upstream
    """
    store = GitRefStore(work_tree(Path.cwd()))
    new = store.pull(remote)
    talk(f"{counted(new, 'new file')} from {remote}; {counted(store.count(), 'attestation')} here")
