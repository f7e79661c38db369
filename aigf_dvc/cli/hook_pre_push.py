"""`aigf hook pre-push`: what git calls before it pushes."""

import sys

import click

from aigf_dvc.cli.push_gate import judge


@click.command(name="pre-push")
@click.argument("remote", default="origin")
@click.argument("url", default="")
def command(remote: str, url: str) -> None:  # noqa: ARG001  # git gives both
    """Judge the pushed commits; called by git with the refs on standard input.

    A protected branch (aigf.yaml: `protected`) is refused when the policy says no, be it for the
    last commit or for every new one (`push: {commits: all}`), or when it would be deleted; other
    branches get one line. A tag that promotes a model (`model@v1.2.0`, `model#prod#3`) is refused
    unless the model passes and `refs/aigf/attestations` has a passing attestation of it.

    What is protected, and the policy, are those of the main branch that the remote has already; a
    change of them is shown and counts from the next push. `git push --no-verify` passes the hook
    by; CI judges the same commits, and what is deployed is verified again.

    \b
    Example:
      aigf hook install
      git push origin main          runs this; nobody needs to call it
    """
    sys.exit(judge(remote))
