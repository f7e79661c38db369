"""`aigf hook pre-push`: what git calls before it pushes."""

import os
import sys
from pathlib import Path

import click

from aigf_dvc.cli.push_gate import judge
from aigf_dvc.gates.untold_refs import refs_with_untold, told_by_pre_commit


@click.command(name="pre-push")
@click.argument("remote", default="origin")
@click.argument("url", default="")
@click.option(
    "--pre-commit", "by_pre_commit", is_flag=True,
    help="Called by the pre-commit framework, which passes no list of refs on.",
)  # fmt: skip
def command(remote: str, url: str, by_pre_commit: bool) -> None:  # noqa: ARG001  # git gives a URL
    """Judge the pushed commits; called by git with the refs on standard input.

    A protected branch (aigf.yaml: `protected`) is refused when the policy says no, be it for the
    last commit or for every new one (`push: {commits: all}`), or when it would be deleted; other
    branches get one line. A tag that promotes a model (`model@v1.2.0`, `model#prod#3`) is refused
    unless the model passes and `refs/aigf/attestations` has a passing attestation of it.

    What is protected, and the policy, are those of the main branch that the remote has already; a
    change of them is shown and counts from the next push. `git push --no-verify` passes the hook
    by; CI judges the same commits, and what is deployed is verified again.

    pre-commit names one of the pushed refs. With --pre-commit each other branch that is not on the
    remote as it stands here is judged as if it were pushed, too. What it never says: other tags,
    and branches that are pushed under another name than their own. `aigf hook install` sees all.

    \b
    Example:
      aigf hook install
      git push origin main          runs this; nobody needs to call it
    """
    if by_pre_commit:
        told = told_by_pre_commit(os.environ)
        sys.exit(judge(told.remote, refs=refs_with_untold(Path.cwd(), told)))
    sys.exit(judge(remote))
