"""`aigf trust`: the tools of whoever judges."""

import click

from aigf_dvc.cli.lazy_group import LazyGroup

_COMMANDS: dict[str, str] = {
    "init": "Start a trust file.",
    "add": "Add somebody, or a key or identity of theirs.",
    "check": "Find mistakes, and tell which line accepts a bundle.",
}


@click.command(name="trust", cls=LazyGroup, folder="aigf_dvc.cli.trust_", commands=_COMMANDS)
def command() -> None:
    """Say whom you trust to attest, observe, approve, waive and revoke.

    The file is yours, as the one who judges: keep it where you judge, never in a repository that
    you judge. `aigf verify MODEL --trust FILE` needs nothing else.
    """
