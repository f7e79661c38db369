"""`aigf policy coverage`: which controls a repository's verdict evidences."""

import sys
from pathlib import Path

import click
from msgspec.structs import replace

from aigf_dvc.actions.policy_coverage import choose_catalogues, exit_code, policy_coverage
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.judging import Counted, counted_options, open_question
from aigf_dvc.cli.options import (
    FILE,
    format_option,
    output_option,
    reading_progress,
    talk,
    text_width,
    use_color,
)
from aigf_dvc.clock import now
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.report.coverage_json import coverage_as_json
from aigf_dvc.report.coverage_text import coverage_text


@click.command(name="coverage")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", metavar="REV", help="A commit; the working tree by default.")
@click.option(
    "--at", "gate", type=click.Choice(["stage", "push", "attest", "deploy"]),
    default="attest", show_default=True, help="The gate that asks.",
)  # fmt: skip
@click.option("--environment", metavar="ENV", help="What it is for; aigf.yaml's by default.")
@click.option("--policy", type=FILE, metavar="FILE", help="Another policy than aigf.yaml names.")
@click.option("--framework", "frameworks", multiple=True, metavar="ID", help="Only this one.")
@click.option(
    "--catalogue", "catalogues", type=FILE, multiple=True, metavar="FILE",
    help="A catalogue of your own, beside the shipped ones.",
)  # fmt: skip
@counted_options
@format_option
@output_option("the table")
def command(
    models: tuple[str, ...],
    revision: str | None,
    gate: str,
    environment: str | None,
    policy: Path | None,
    frameworks: tuple[str, ...],
    catalogues: tuple[Path, ...],
    counted: Counted,
    form: str,
    output: Path | None,
) -> None:
    """Tell which controls the verdict evidences, how strongly, and what it does not show.

    The rules of a policy name controls, such as `eu-ai-act:annex-iv-2-g`, and how far they
    evidence them: direct, partial or exists. No rule counts for more than the catalogue of the
    framework lets its kind claim, and only a rule that was judged and holds counts at all.

    Exit code 0: every control that a rule claims is evidenced. 1: one is not, or none is claimed.
    3: the evidence cannot be read.

    \b
    Examples:
      aigf policy coverage
      aigf policy coverage fraud --framework eu-ai-act --rev main
      aigf policy coverage --trust ~/trust.yaml --baseline git --baseline-key release.pub
      aigf policy coverage --policy policies/nist-ai-rmf.yaml --format json
    """
    chosen = choose_catalogues(frameworks, catalogues)
    with reading_progress() as progress:
        question = replace(
            open_question(find_project(Path.cwd()), counted, at=Gate(gate), time=now()),
            models=models,
            revision=revision,
            policy=policy,
            environment=environment,
            progress=progress,
        )
        found = policy_coverage(question, chosen)
    if form == "json":
        text = pretty({"coverage": [coverage_as_json(coverage) for coverage in found]})
    else:
        text = coverage_text(found, width=text_width(), color=use_color() and output is None)
    if output is None:
        click.echo(text.rstrip("\n"))
    else:
        write_atomically(output, (text.rstrip("\n") + "\n").encode())
        talk(f"wrote {output}")
    sys.exit(exit_code(found))
