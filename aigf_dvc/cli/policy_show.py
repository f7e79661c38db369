"""`aigf policy show`: a policy as it works."""

from pathlib import Path

import click

from aigf_dvc.actions.policy_show import effective_policy
from aigf_dvc.actions.policy_sources import policy_of_project, policy_of_text
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import use_color
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.report.policy_text import policy_as_json, policy_as_yaml, policy_text


@click.command(name="show")
@click.argument("policy", required=False, metavar="[FILE]")
@click.option("--rev", "revision", metavar="REV", help="A commit; the working tree by default.")
@click.option("--tier", default="", metavar="TIER", help="Only what is for models of this tier.")
@click.option("--environment", default="", metavar="ENV", help="Only what is for this environment.")
@click.option(
    "--at", "gate", type=click.Choice(["stage", "push", "attest", "deploy"]),
    help="Only what this gate judges.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "yaml"]), default="text",
    show_default=True, help="text for people, json for machines, yaml: one policy file.",
)  # fmt: skip
def command(
    policy: str | None,
    revision: str | None,
    tier: str,
    environment: str,
    gate: str | None,
    form: str,
) -> None:
    """Print a policy as it works: every rule, with its line, its demand and when it is judged.

    The rules of included files and of the policy that it extends are there, too. By default it is
    the policy that aigf.yaml names.

    \b
    Examples:
      aigf policy show
      aigf policy show --rev main --tier high --environment production --at push
      aigf policy show governance/policy.yaml --format yaml > effective.yaml
      aigf policy show v1.0:governance/policy.yaml
    """
    if policy is not None and revision is not None:
        raise click.UsageError("FILE or --rev, not both; REV:PATH is a file of a commit.")
    here = Path.cwd()
    read = policy_of_text(policy, here) if policy else policy_of_project(revision, here)
    at = Gate(gate) if gate else None
    shown = effective_policy(read, tier=tier, environment=environment, at=at)
    click.echo(_text(shown, form))


def _text(policy: Policy, form: str) -> str:
    if form == "json":
        return pretty(policy_as_json(policy))
    return policy_as_yaml(policy) if form == "yaml" else policy_text(policy, color=use_color())
