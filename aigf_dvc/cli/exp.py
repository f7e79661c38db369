"""`aigf exp`: DVC's experiments, observed."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.exp import ExperimentRun, ExperimentsResult, run_experiments
from aigf_dvc.canonical import Json
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.container_image import container_image_option
from aigf_dvc.cli.options import talk
from aigf_dvc.cli.repro_told import ended_by
from aigf_dvc.running.dvc_arguments import EXP_RUN, RUNS_NOTHING, asked_for

_PASS_ON = {"ignore_unknown_options": True}
_IN_BACKGROUND = "--run-all"


@click.group(name="exp")
def command() -> None:
    """Run DVC's experiments, and observe every stage that runs.

    \b
    Examples:
      aigf exp run -S train.depth=5      here, in the workspace
      aigf exp run --temp                in a copy
      dvc exp run --queue -S train.depth=3,5,7
      aigf exp run --run-all -j 2        all that is queued
      aigf exp start -j 2                or by workers in the background (`dvc queue start`)
    """


@command.command(name="run", context_settings=_PASS_ON, options_metavar="[DVC OPTIONS]")
@container_image_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[STAGE]...")
def run(arguments: tuple[str, ...], container_image: Json) -> None:
    """Run `dvc exp run`, observed: in the workspace, in a copy (--temp) or the queue (--run-all).

    Run records go to this project's .aigf/runs, also from an experiment's copy. They are found by
    content: `dvc exp apply` the experiment that you keep, commit, and its stages are observed.
    All options and arguments are those of `dvc exp run`, and so is the exit code.

    \b
    Examples:
      aigf exp run -S train.depth=5
      aigf exp run --temp
      aigf exp run -- --help             the options of `dvc exp run`
    """
    asked = asked_for(arguments, EXP_RUN)
    result = _run(
        ("exp", "run", *arguments), container_image, in_background=_IN_BACKGROUND in asked
    )
    if not result.runs and not result.problem and _IN_BACKGROUND in asked:
        talk(
            "aigf: nothing was observed: the queue was empty, or a worker ran it that plain DVC"
            " started (`dvc queue stop` ends it)"
        )
    elif not RUNS_NOTHING & asked:
        _tell(result)
    sys.exit(result.exit_code)


@command.command(name="start", context_settings=_PASS_ON, options_metavar="[DVC OPTIONS]")
@container_image_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="")
def start(arguments: tuple[str, ...], container_image: Json) -> None:
    """Run `dvc queue start`: workers that run what is queued, observed, in the background.

    A worker that runs already stays as it is: one that plain DVC started observes nothing
    (`dvc queue stop` ends it). The run records appear in .aigf/runs as stages end.

    \b
    Examples:
      aigf exp start -j 2
    """
    result = _run(("queue", "start", *arguments), container_image, in_background=True)
    if result.problem:
        talk(f"aigf: not observed: {result.problem}")
    sys.exit(result.exit_code)


def _run(
    arguments: tuple[str, ...], container_image: Json, *, in_background: bool
) -> ExperimentsResult:
    return run_experiments(
        find_project(Path.cwd()),
        arguments,
        start=Path.cwd(),
        in_background=in_background,
        container_image=container_image,
    )


def _tell(result: ExperimentsResult) -> None:
    for line in ended_by(result.exit_code):
        talk(f"aigf: {line}")
    if result.problem:
        talk(f"aigf: not observed: {result.problem}")
    by_experiment: dict[str, list[ExperimentRun]] = {}
    for one in result.runs:
        by_experiment.setdefault(one.experiment, []).append(one)
    for experiment, runs in by_experiment.items():
        name = experiment or "experiment"
        recorded = [one.stage for one in runs if not one.problem]
        if recorded:
            talk(f"aigf: {name}: recorded: {', '.join(recorded)}")
        for one in runs:
            if one.problem:
                talk(f"aigf: {name}: {one.stage}: not observed: {one.problem}")
