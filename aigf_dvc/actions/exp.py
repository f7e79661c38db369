"""Run experiments as DVC does, and observe every stage that runs, wherever its copy is."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from aigf_dvc.canonical import Json, loads
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.run_records import STATE
from aigf_dvc.errors import AigfError, UndecidedError
from aigf_dvc.hashing.digest_cache import state_folder
from aigf_dvc.programs.dvc_program import (
    find_dvc,
    leaving_in_order,
    run_dvc,
    without_signing_secrets,
)
from aigf_dvc.running.experiment_plan import forget_ended, prepare_experiments
from aigf_dvc.running.run_folder import RunFor, run_folder
from aigf_dvc.running.user_shell import refuse_commands

_QUEUE_RECORDER = f"{STATE}/recorder"  # a queue's workers go on when this command has ended


class ExperimentRun(Struct, frozen=True, kw_only=True):
    """One run of one stage in an experiment."""

    experiment: str  # as DVC names it
    stage: str
    problem: str = ""  # why it was not observed; empty: there is a run record


class ExperimentsResult(Struct, frozen=True, kw_only=True):
    """What became of one call of DVC."""

    exit_code: int  # DVC's own
    runs: tuple[ExperimentRun, ...] = ()  # those that ended while the call ran
    problem: str = ""  # why nothing could be observed at all


def run_experiments(
    project: Project,
    arguments: Sequence[str],
    *,
    start: Path,
    in_background: bool,
    container_image: Json = None,
) -> ExperimentsResult:
    """Run `dvc ARGUMENTS` and observe the stages of every experiment that it runs.

    The run records go to the project's `.aigf/runs`: they are found by content, so they count once
    `dvc exp apply` and a commit bring an experiment's lock.

    Args:
        project: whose experiments.
        arguments: DVC's own, such as `exp run --temp`.
        start: the folder to run it in.
        in_background: whether workers may go on when DVC has ended: a queue's do.
        container_image: what the caller states that they run in, as `stated_image` returns it.

    Raises:
        InputError: there is no DVC.
    """
    program = find_dvc()
    variables = without_signing_secrets(os.environ)
    problem, shell = "", None
    with leaving_in_order(), run_folder(RunFor.EXP) as made:
        notes, seen = made.path / "notes", 0
        try:
            folder = _lasting_folder(project.root) if in_background else made.path
            shell = prepare_experiments(
                folder,
                project,
                start=start,
                variables=variables,
                container_image=container_image,
            )
            variables["SHELL"] = str(shell)
            notes = folder / "notes"
            seen = len(_bytes(notes))
        except AigfError as error:
            problem = str(error)
        code = run_dvc(
            [program, *arguments],
            folder=start,
            env=variables,
            # Workers of a queue run on, and share the stand-in.
            on_end=partial(refuse_commands, shell) if shell and not in_background else None,
            holds=(made.lock,),
        )
        runs = _runs(_bytes(notes)[seen:])
    return ExperimentsResult(exit_code=code, runs=runs, problem=problem)


def _lasting_folder(root: Path) -> Path:
    """Return the folder that a queue's workers find after this command has ended."""
    state = state_folder(root)
    folder = root / _QUEUE_RECORDER
    try:
        if state is not None and not folder.is_symlink():  # a repository may hold anything
            folder.mkdir(exist_ok=True)
            forget_ended(folder)
            return folder
    except OSError:
        pass
    raise UndecidedError("cannot be written", where=str(folder), expected="a folder")


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def _runs(notes: bytes) -> tuple[ExperimentRun, ...]:
    """Return what the recorder noted; of a stage of several commands the first problem counts."""
    found: dict[tuple[str, str], str] = {}
    for line in notes.decode(errors="replace").splitlines():
        try:
            note = loads(line.encode(), where="note")
        except UndecidedError:  # half a line: a worker is writing it
            continue
        if isinstance(note, dict):
            one = (str(note.get("experiment", "")), str(note.get("stage", "")))
            found.setdefault(one, str(note.get("problem", "")))
    return tuple(
        ExperimentRun(experiment=experiment, stage=stage, problem=problem)
        for (experiment, stage), problem in found.items()
    )
