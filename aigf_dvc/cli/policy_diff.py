"""`aigf policy diff`: what a change of a policy lets pass."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.policy_sources import policy_of_project, policy_of_text
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import use_color
from aigf_dvc.policy.strictness.policies import PolicyDifference, policy_difference
from aigf_dvc.report.policy_difference import (
    policy_difference_as_json,
    policy_difference_markdown,
    policy_difference_text,
)


@click.command(name="diff")
@click.argument("old")
@click.argument("new")
@click.option("--rev", "by_revision", is_flag=True, help="OLD and NEW are commits of this project.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text",
    show_default=True, help="text for people, json for machines, markdown for a review.",
)  # fmt: skip
def command(old: str, new: str, by_revision: bool, form: str) -> None:
    """Tell what a change of a policy lets pass that was denied before.

    Every change is said to tighten, to weaken, to be neutral (wording), or to be unclear; what is
    unclear is to be taken as a weakening. OLD and NEW are files, or REV:PATH as git has it; with
    --rev they are commits (or WORKTREE) whose aigf.yaml names the policy. Included files and the
    policy that is extended are read, too.

    Exit code 0: nothing is weakened. 1: something is, or is unclear. 2: a policy is not valid.

    \b
    Examples:
      aigf policy diff --rev origin/main HEAD           in CI: does this change weaken it?
      aigf policy diff --rev HEAD WORKTREE              what did I change?
      aigf policy diff old.yaml new.yaml
      aigf policy diff v1:governance/policy.yaml governance/policy.yaml --format markdown
    """
    here = Path.cwd()
    read = policy_of_project if by_revision else policy_of_text
    difference = policy_difference(read(old, here), read(new, here))
    click.echo(_shown(difference, form))
    sys.exit(0 if difference.is_safe else 1)


def _shown(difference: PolicyDifference, form: str) -> str:
    if form == "json":
        return pretty(policy_difference_as_json(difference))
    if form == "markdown":
        return policy_difference_markdown(difference)
    return policy_difference_text(difference, color=use_color())
