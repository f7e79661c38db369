"""`aigf repro`: `dvc repro`, observed."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.check import Question, check
from aigf_dvc.actions.repro import ReproResult, repro
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.capture.snapshot import Kind
from aigf_dvc.capture.working_tree import WorkingTree
from aigf_dvc.cli.options import talk, use_color
from aigf_dvc.clock import now
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.verdict import Gate, Result
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.settings import FILE_NAME

_RUNS_NOTHING = {"--dry", "-h", "--help"}


@click.command(
    name="repro",
    context_settings={"ignore_unknown_options": True},
    options_metavar="[DVC OPTIONS]",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[STAGE]...")
def command(arguments: tuple[str, ...]) -> None:
    """Run `dvc repro`, and observe every stage that runs.

    Each stage leaves a run record in .aigf/runs: its command, parameters and environment, and the
    SHA-256 of what it read and made. With it the stage counts as `observed`; after a plain
    `dvc repro` it is only `declared`. dvc.yaml and dvc.lock stay as DVC has them. Signing keys
    and tokens are taken out of the stages' environment.

    All options and arguments are those of `dvc repro`, and so is the exit code. When DVC is
    content, the models are checked once more: DVC skips the stage `governance` when nothing that
    the stage depends on has changed, even after an experiment that was denied. Exit code 1: denied.

    \b
    Examples:
      aigf repro                      the whole pipeline
      aigf repro train                one stage, and what it depends on
      aigf repro --force train        run it again, so that it is observed
      aigf repro -- --help            the options of `dvc repro`
    """
    project = find_project(Path.cwd())
    result = repro(project, arguments, start=Path.cwd())
    if not _RUNS_NOTHING & set(arguments):
        for line in _summary(result):
            talk(f"aigf: {line}")
    if result.exit_code == 0 and not _RUNS_NOTHING & set(arguments):
        _judge(project, arguments)
    sys.exit(result.exit_code)


def _judge(project: Project, arguments: tuple[str, ...]) -> None:
    """Leave with 1 or 3 when a model does not pass; a run of single stages is not judged."""
    tree = WorkingTree(project.root)
    if tree.kind(FILE_NAME) is Kind.ABSENT or set(arguments) & set(read_pipeline(tree).stages):
        return
    verdicts = check(Question(project=project, at=Gate.STAGE, today=now().date()))
    bad = [verdict for verdict in verdicts if verdict.result is not Result.PASSED]
    if bad:
        click.echo(verdict_text(bad, color=use_color()).rstrip("\n"))
        undecided = any(verdict.result is Result.UNDECIDED for verdict in bad)
        sys.exit(UndecidedError.exit_code if undecided else RefusedError.exit_code)


def _summary(result: ReproResult) -> list[str]:
    if result.problem:
        return [f"not observed: {result.problem}"]
    before = [t.stage for t in result.skipped if t.level is not TrustLevel.DECLARED]
    never = [t.stage for t in result.skipped if t.level is TrustLevel.DECLARED]
    lines = [f"{stage}: not observed: {reason}" for stage, reason in result.not_observed]
    if result.observed:
        lines.append(f"observed now: {', '.join(result.observed)}")
    if before:
        lines.append(f"did not run, observed before: {', '.join(before)}")
    if never:
        lines.append(
            f"did not run, never observed: {', '.join(never)}"
            f" (`aigf repro --force {never[0]}` runs and observes it)"
        )
    return lines
