"""`aigf check`: hold models against the policy."""

import os
import sys
from datetime import date
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.check import Question, check_files, report
from aigf_dvc.actions.check_before import PlannedRun, report_before
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.cli.baseline_options import BaselineOptions
from aigf_dvc.cli.check_formats import FORMATS, Asked, written
from aigf_dvc.cli.ci_options import CiOptions, Place, ci_options, default_form, open_place
from aigf_dvc.cli.judging import Counted, counted_options, open_question
from aigf_dvc.cli.options import (
    FILE,
    output_option,
    reading_progress,
    talk,
)
from aigf_dvc.clock import now
from aigf_dvc.gates.ci import Ci
from aigf_dvc.gates.stage import in_experiment, in_stage
from aigf_dvc.policy.verdict import Gate, Result, Verdict
from aigf_dvc.report.verdict_report import ModelReport


@click.command(name="check")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", metavar="REV", help="A commit; the working tree by default.")
@click.option(
    "--at", "gate", type=click.Choice(["stage", "push", "attest", "deploy"]),
    help="The gate that asks: stage for the working tree, push for a commit by default.",
)  # fmt: skip
@click.option(
    "--before", metavar="STAGE",
    help="Judge the data and parameters of this stage and those before it, ahead of its run.",
)  # fmt: skip
@click.option("--environment", metavar="ENV", help="What it is for; aigf.yaml's by default.")
@click.option("--policy", type=FILE, metavar="FILE", help="Another policy than aigf.yaml names.")
@click.option("--card", type=FILE, metavar="FILE", help="A model card: judge files, no repository.")
@click.option(
    "--metrics",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="With --card: a metrics file; repeatable.",
)
@counted_options
@ci_options
@click.option(
    "--format", "form", type=click.Choice(FORMATS),
    help="text (the default) and html for people, json for machines, the others for CI; github is "
    "the default there.",
)  # fmt: skip
@output_option("the result")
def command(
    models: tuple[str, ...],
    revision: str | None,
    gate: str | None,
    before: str | None,
    environment: str | None,
    policy: Path | None,
    card: Path | None,
    metrics: tuple[Path, ...],
    counted: Counted,
    ci: CiOptions,
    form: str | None,
    output: Path | None,
) -> None:
    """Check models against the policy; all models of aigf.yaml by default.

    Exit code 0: passed. 1: denied. 3: the evidence cannot be read. Inside a DVC experiment
    (`dvc exp run`) the verdict is printed and the exit code is 0, so that no experiment is lost.

    In CI (GitHub, GitLab, Jenkins, Azure, Bitbucket) the commit that CI runs for is judged, by the
    policy and aigf.yaml of the branch that it is for, or of what a push to the main branch
    replaced. A base that the clone does not have is no pass, but exit code 3. Options that say what
    to judge, such as --rev, switch that off, as does --ci none; a DVC stage is judged as anywhere.

    \b
    Examples:
      aigf check                                   the working tree
      aigf check fraud --rev main                  one model, as a commit has it
      aigf check --at attest --observer-key box.pub  count only runs that this key signed
      aigf check --base origin/main                a change, by the policy of what it is for
      aigf check --before train                    may it be trained on this data at all?
      aigf check --environment staging             under the rules for staging
      aigf check --policy stricter.yaml            what would another policy say?
      aigf check --baseline git --baseline-key release.pub   not worse than what is in production?
      aigf check --at attest --trust ~/trust.yaml  with the approvals and waivers that count
      aigf check --format markdown >> "$GITHUB_STEP_SUMMARY"
      aigf check --format html --output report.html   to read, print and file
      aigf check --card MODEL_CARD.md --metrics metrics.json --policy policy.yaml
                                                   without DVC and git
    """
    time = now()
    ways = {"--before": before, "--card": card, "--metrics": metrics, "--policy": policy}
    others = ways if ci.base is not None else {**ways, "--at": gate}
    place = open_place(ci, revision=revision, others=others, environment=os.environ)
    form = form or default_form(place)
    at = Gate(gate) if gate else Gate.STAGE if revision is None and place is None else Gate.PUSH
    if before is not None and (revision or gate or card or metrics or counted):
        raise click.UsageError("--before goes with MODEL, --policy and --environment only.")
    project = None if card is not None or metrics else find_project(Path.cwd())
    if project is None:
        _refuse_repository_options(models, revision, counted)
        files = _Files(card=card, metrics=metrics, policy=policy)
        judged = _of_files(files, at=at, today=time.date(), environment=environment or "")
    elif before is not None:
        planned = PlannedRun(
            project=project,
            stage=before,
            today=time.date(),
            models=models,
            policy=policy,
            environment=environment,
        )
        judged = _before(planned)
    else:
        question = replace(
            open_question(project, counted, at=at, time=time),
            models=models,
            revision=revision,
            policy=policy,
            environment=environment,
        )
        judged = _of_repository(question) if place is None else _of_place(question, place, form)
    asked = Asked(project=project, policy=policy, revision=revision, today=time.date())
    _show(judged, form, output, asked=asked)
    elsewhere = card or revision or before or place
    stage_gate = elsewhere is None and at is Gate.STAGE
    if project is not None and stage_gate and in_stage(os.environ):
        _tell_of_the_stage(project)
    verdicts = tuple(model.verdict for model in judged)
    sys.exit(_exit_code(verdicts, stage_gate=stage_gate))


class _Files(Struct, frozen=True, kw_only=True):
    """What is judged without a repository."""

    card: Path | None
    metrics: tuple[Path, ...]
    policy: Path | None


def _of_files(files: _Files, *, at: Gate, today: date, environment: str) -> tuple[ModelReport, ...]:
    if files.card is None:
        raise click.UsageError("--metrics goes with --card; in a repository, aigf.yaml names them.")
    if files.policy is None or not files.metrics:
        raise click.UsageError("--card needs --metrics and --policy too.")
    model = check_files(
        card=files.card,
        metrics=files.metrics,
        policy=files.policy,
        at=at,
        today=today,
        environment=environment,
    )
    return (model,)


def _before(planned: PlannedRun) -> tuple[ModelReport, ...]:
    with reading_progress() as progress:
        return report_before(replace(planned, progress=progress))


def _of_repository(question: Question) -> tuple[ModelReport, ...]:
    with reading_progress() as progress:
        return report(replace(question, progress=progress))


def _of_place(question: Question, place: Place, form: str) -> tuple[ModelReport, ...]:
    """Judge a commit under its base, and tell people and CI of it."""
    from aigf_dvc.actions.check_base import report_under_base
    from aigf_dvc.cli.check_in_ci import add_summary, annotate, say_what_was_judged

    with reading_progress() as progress:
        judged = report_under_base(replace(question, progress=progress), place.between)
    say_what_was_judged(place, judged, form=form)
    if place.ci is Ci.GITHUB:
        asked = Asked(project=question.project, policy=None, revision=None, today=question.today)
        add_summary(written("markdown", judged.models, asked, to_file=True), judged)
        if form == "github":
            annotate(judged, folder=question.project.prefix)
    return judged.models


def _refuse_repository_options(
    models: tuple[str, ...], revision: str | None, counted: Counted
) -> None:
    if models or revision:
        raise click.UsageError("--card judges files alone: it goes with neither MODEL nor --rev.")
    if counted.observers:
        raise click.UsageError("--card judges files alone: there is no run to be observed.")
    if counted.baseline != BaselineOptions():
        raise click.UsageError("--card judges files alone: it goes without --baseline.")
    if counted.trusted:
        raise click.UsageError("--card judges files alone: nobody can approve those.")


def _show(models: tuple[ModelReport, ...], form: str, output: Path | None, *, asked: Asked) -> None:
    text = written(form, models, asked, to_file=output is not None)
    if output is None:
        click.echo(text, nl=False)
    else:
        # JSON may hold half of a surrogate pair as an escape; the other forms show it as one.
        write_atomically(output, text.encode(errors="backslashreplace"))
        talk(f"wrote {output}")


def _tell_of_the_stage(project: Project) -> None:
    from aigf_dvc.actions.gate_deps import lacking_deps_of

    for line in lacking_deps_of(project):
        talk(f"aigf: {line}")


def _exit_code(verdicts: tuple[Verdict, ...], *, stage_gate: bool) -> int:
    codes = {Result.PASSED: 0, Result.DENIED: 1, Result.UNDECIDED: 3}
    code = max(codes[verdict.result] for verdict in verdicts)
    if code == codes[Result.DENIED] and stage_gate and in_experiment(os.environ):
        talk("aigf: this is an experiment: it is kept although the policy says no")
        return 0
    return code
