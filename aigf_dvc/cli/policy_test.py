"""`aigf policy test`: hold a policy to examples of what it must say."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.policy_test import run_cases
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import FILE, output_option, talk, use_color
from aigf_dvc.policy.cases.model import CasesReport
from aigf_dvc.report.cases_json import cases_as_json
from aigf_dvc.report.cases_junit import cases_junit
from aigf_dvc.report.cases_text import cases_text


@click.command(name="test")
@click.argument("paths", nargs=-1, type=FILE, metavar="[FILE]...")
@click.option(
    "--require-coverage", is_flag=True,
    help="Exit with 1, too, when some rule was never seen to pass, or never to refuse.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "junit"]), default="text",
    show_default=True, help="text for people, json for machines, junit for CI.",
)  # fmt: skip
@output_option("the result")
def command(
    paths: tuple[Path, ...], require_coverage: bool, form: str, output: Path | None
) -> None:
    """Hold a policy to cases: made-up evidence, each with the verdict that it must get.

    FILE is a file of cases, or a folder with policy.tests.yaml or tests/*.yaml in it; by default
    the folder of the policy that aigf.yaml names.

    Exit code 0: every case is as expected. 1: one is not. 2: there are no cases, or a file is not
    valid.

    \b
    A file of cases:
      policy: policy.yaml
      today: 2026-11-26
      bases:
        good: {card: {responsible_owner: jane}, metrics: {fairness_score: 0.85}}
      cases:
        - name: an unfair model is denied
          evidence: {base: good, change: {metrics.fairness_score: 0.7}}
          expect: {result: denied, findings: {fairness: denied}}

    \b
    Examples:
      aigf policy test
      aigf policy test governance/policy.tests.yaml --require-coverage
      aigf policy test policies/ --format junit --output policy-tests.xml
    """
    report = run_cases(paths, start=Path.cwd())
    text = _text(report, form, color=use_color() and output is None).rstrip("\n")
    if output is None:
        click.echo(text)
    else:
        write_atomically(output, (text + "\n").encode())
        talk(f"wrote {output}")
    sys.exit(0 if report.is_met and (report.is_covered or not require_coverage) else 1)


def _text(report: CasesReport, form: str, *, color: bool) -> str:
    if form == "json":
        return pretty(cases_as_json(report))
    return cases_junit(report) if form == "junit" else cases_text(report, color=color)
