"""`aigf push`: send attestations to a git remote."""

from pathlib import Path

import click

from aigf_dvc.cli.options import counted, talk
from aigf_dvc.git.program import work_tree
from aigf_dvc.stores.git_ref import GitRefStore


@click.command(name="push")
@click.argument("remote", default="origin")
def command(remote: str) -> None:
    """Send the attestations (refs/aigf/attestations) to a git remote.

    What the remote has already is joined with ours first; nothing is ever lost.

    \b
    Examples:
      aigf push
      aigf push upstream
    """
    count = GitRefStore(work_tree(Path.cwd())).push(remote)
    talk(f"{remote} now holds {counted(count, 'attestation')}")
