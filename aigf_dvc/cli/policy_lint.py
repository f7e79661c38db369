"""`aigf policy lint`: find what loads, and is probably not what was meant."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.policy_lint import lint_policy
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import FILE, format_option, talk, text_width, use_color
from aigf_dvc.clock import now
from aigf_dvc.policy.lint.model import Level
from aigf_dvc.report.lint_text import lint_as_json, lint_text


@click.command(name="lint")
@click.argument("path", required=False, type=FILE, metavar="[FILE]")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@format_option
def command(path: Path | None, strict: bool, form: str) -> None:
    """Find what a policy says that is probably not what its author meant.

    Rules that are never judged, contradict or repeat each other; lists that allow everything;
    names of metrics, documents and fields that nothing in this project has; and more. FILE is the
    policy of aigf.yaml by default. What does not load is refused by every command, with its line.

    Exit code 0: no error. 1: an error (with --strict: or a warning). 2: the policy does not load.

    \b
    Examples:
      aigf policy lint
      aigf policy lint governance/policy.yaml --strict
      aigf policy lint policy.yaml --format json
    """
    draft, surroundings, remarks = lint_policy(path, start=Path.cwd(), today=now().date())
    compared = surroundings.project is not None
    if not compared:
        talk("aigf: no aigf.yaml here: names of metrics and documents were not compared")
    policy = draft.policy.path
    if form == "json":
        click.echo(pretty(lint_as_json(policy, remarks, compared=compared)))
    else:
        click.echo(lint_text(policy, remarks, color=use_color(), width=text_width()))
    bad = (Level.ERROR, Level.WARNING) if strict else (Level.ERROR,)
    sys.exit(1 if any(remark.level in bad for remark in remarks) else 0)
