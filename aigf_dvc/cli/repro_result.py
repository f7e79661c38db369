"""The judgement of `aigf repro` on the models, when DVC has ended."""

import sys

import click

from aigf_dvc.capture.project import Project
from aigf_dvc.cli.options import text_width, use_color
from aigf_dvc.clock import now
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.policy.verdict import Gate, Result
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.trees.snapshot import Kind
from aigf_dvc.trees.working_tree import WorkingTree


def judge(project: Project) -> None:
    """Leave with 1 or 3 when a model does not pass."""
    if WorkingTree(project.root).kind(FILE_NAME) is Kind.ABSENT:
        return
    from aigf_dvc.actions.check import Question, check
    from aigf_dvc.report.verdict_text import verdict_text

    verdicts = check(Question(project=project, at=Gate.STAGE, today=now().date()))
    bad = [verdict for verdict in verdicts if verdict.result is not Result.PASSED]
    if bad:
        click.echo(verdict_text(bad, color=use_color(), width=text_width()).rstrip("\n"))
        undecided = any(verdict.result is Result.UNDECIDED for verdict in bad)
        sys.exit(UndecidedError.exit_code if undecided else RefusedError.exit_code)
