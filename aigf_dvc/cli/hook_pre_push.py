"""`aigf hook pre-push`: what git calls before it pushes."""

import sys

import click

from aigf_dvc.cli.push_gate import judge


@click.command(name="pre-push")
@click.argument("remote", default="origin")
@click.argument("url", default="")
def command(remote: str, url: str) -> None:  # noqa: ARG001  # git gives both
    """Judge the pushed commits; called by git with the refs on standard input.

    A protected branch (aigf.yaml: `protected`) is refused when the policy says no; other branches
    get one line. The policy is the one that the remote has already. `git push --no-verify` passes
    the hook by; what is deployed is verified again.
    """
    sys.exit(judge(remote))
