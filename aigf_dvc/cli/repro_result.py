"""What `aigf repro` says when DVC has ended, and its judgement of the models."""

import sys

import click

from aigf_dvc.actions.repro import ReproResult
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.snapshot import Kind
from aigf_dvc.capture.working_tree import WorkingTree
from aigf_dvc.cli.options import text_width, use_color
from aigf_dvc.clock import now
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.verdict import Gate, Result
from aigf_dvc.report.lineage_text import redactions_text
from aigf_dvc.settings import FILE_NAME


def summary(result: ReproResult) -> list[str]:
    """Return what became of the stages, line by line."""
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
    if result.redactions:
        lines.append(redactions_text(result.redactions))
    return lines


def judge(project: Project, arguments: tuple[str, ...]) -> None:
    """Leave with 1 or 3 when a model does not pass; a run of single stages is not judged."""
    tree = WorkingTree(project.root)
    if tree.kind(FILE_NAME) is Kind.ABSENT or set(arguments) & set(read_pipeline(tree).stages):
        return
    from aigf_dvc.actions.check import Question, check
    from aigf_dvc.report.verdict_text import verdict_text

    verdicts = check(Question(project=project, at=Gate.STAGE, today=now().date()))
    bad = [verdict for verdict in verdicts if verdict.result is not Result.PASSED]
    if bad:
        click.echo(verdict_text(bad, color=use_color(), width=text_width()).rstrip("\n"))
        undecided = any(verdict.result is Result.UNDECIDED for verdict in bad)
        sys.exit(UndecidedError.exit_code if undecided else RefusedError.exit_code)
