"""Run `dvc repro` and observe every stage; dvc.yaml and dvc.lock stay as plain DVC has them."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from aigf_dvc.actions.repro_start import StartedDvc, run_unobserved, start_dvc
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.run_records import stage_trust
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.redactions import stage_redactions
from aigf_dvc.programs.dvc_program import run_dvc
from aigf_dvc.redaction import Redaction
from aigf_dvc.running.dvc_arguments import REPRO, RUNS_NOTHING, asked_for
from aigf_dvc.running.observer import Note
from aigf_dvc.running.run_folder import RunFor, run_folder
from aigf_dvc.running.run_plan import plan_project, write_recorder
from aigf_dvc.running.user_shell import refuse_commands
from aigf_dvc.stage_run import read_plan
from aigf_dvc.trees.working_tree import WorkingTree

_NOT_IN_THE_LOCK = (
    "dvc.lock has other hashes or values than the recorder saw"
    " (a file that .dvcignore leaves out, or another run at the same time?)"
)
_NOT_WRITTEN = "DVC failed before it wrote to dvc.lock what the stage made"


class ReproResult(Struct, frozen=True, kw_only=True):
    """What became of one `dvc repro`."""

    exit_code: int  # DVC's own
    observed: tuple[str, ...] = ()  # the stages that ran and have a run record now
    not_observed: tuple[tuple[str, str], ...] = ()  # the others that ran, each with the reason
    skipped: tuple[StageTrust, ...] = ()  # those that DVC had no need to run
    problem: str = ""  # why nothing could be observed at all
    redactions: tuple[Redaction, ...] = ()  # what the run records leave out, and where it stood


def repro(
    project: Project,
    arguments: Sequence[str] = (),
    *,
    start: Path | None = None,
    container_image: Json = None,
) -> ReproResult:
    """Run `dvc repro` and observe every stage that runs.

    Args:
        project: where.
        arguments: DVC's own.
        start: the folder to run it in; the project's by default.
        container_image: what the caller states that it runs in, as `stated_image` returns it.

    Raises:
        InputError: there is no DVC.
    """
    start = start or project.root
    if asked_for(arguments, REPRO) & RUNS_NOTHING:
        return ReproResult(exit_code=run_unobserved(arguments, start=start))
    with start_dvc(arguments, start=start) as dvc:
        return observe(project, dvc, container_image=container_image)


def observe(project: Project, dvc: StartedDvc, *, container_image: Json = None) -> ReproResult:
    """Observe the stages of a `dvc repro` until it ends.

    Args:
        project: where.
        dvc: as `start_dvc` returns it.
        container_image: what the caller states that it runs in, as `stated_image` returns it.
    """
    plan, problem = None, ""
    try:
        plan = plan_project(
            project.root,
            start=dvc.start,
            variables=dvc.variables,
            container_image=container_image,
        )
    except AigfError as error:
        problem = str(error)
    if dvc.watched is not None:
        code, notes = dvc.watched.run(read_plan(dumps(plan).decode()) if plan else None)
    else:
        code, notes, problem = _run_recorded(dvc, plan, problem)
    if problem:
        return ReproResult(exit_code=code, problem=problem)
    return _result(project, _by_address(notes, project.root, dvc.start), exit_code=code)


def _run_recorded(dvc: StartedDvc, plan: Json, problem: str) -> tuple[int, tuple[Note, ...], str]:
    """Run DVC where its stages cannot ask us: with a recorder of its own for each command."""
    variables = dict(dvc.variables)
    shell = None
    with run_folder(RunFor.REPRO) as made:
        try:
            if not problem:
                shell = write_recorder(made.path, plan, variables)
                variables["SHELL"] = str(shell)
        except AigfError as error:
            problem = str(error)
        code = run_dvc(
            [dvc.program, *dvc.arguments],
            folder=dvc.start,
            env=variables,
            on_end=partial(refuse_commands, shell) if shell else None,
            holds=(made.lock,),
        )
        return code, _read_notes(made.path / "notes"), problem


def _read_notes(file: Path) -> tuple[Note, ...]:
    """Return what the recorder noted."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    notes = map(json.loads, lines)
    return tuple(Note(stage=note["stage"], problem=note.get("problem", "")) for note in notes)


def _by_address(notes: Iterable[Note], root: Path, start: Path) -> dict[str, str]:
    """Return why each stage was not observed, empty when it was; the first problem counts."""
    found: dict[str, str] = {}
    for note in notes:
        found.setdefault(address_seen_from(root, note.stage, start), note.problem)
    return found


def address_seen_from(here: Path, stage: str, there: Path) -> str:
    """Return a stage's address as it is typed `here`; it was given as it is typed `there`."""
    folder, split, name = stage.partition("dvc.yaml:")  # names can have colons
    folder, name = (folder, name) if split else ("", folder)
    path = os.path.relpath(Path(os.path.realpath(there)) / folder / "dvc.yaml", here)
    return name if path == "dvc.yaml" else f"{path}:{name}"


def _result(project: Project, notes: dict[str, str], *, exit_code: int) -> ReproResult:
    """Compare what was noted with the lock that DVC wrote: only what both say is observed."""
    levels: dict[str, StageTrust] = {}
    pipeline: Pipeline | None = None
    unread = ""
    try:
        pipeline = read_pipeline(WorkingTree(project.root))
        levels = {
            address: stage_trust(pipeline, address, project.root)
            for address, stage in pipeline.stages.items()
            if stage.outs
        }
    except AigfError as error:
        unread = str(error)
    missing = _NOT_WRITTEN if exit_code else _NOT_IN_THE_LOCK
    confirmed = {a for a, trust in levels.items() if trust.level is not TrustLevel.DECLARED}
    observed = [a for a, problem in notes.items() if not problem and a in confirmed]
    return ReproResult(
        exit_code=exit_code,
        observed=tuple(observed),
        not_observed=tuple(
            (address, problem or unread or missing)
            for address, problem in notes.items()
            if address not in observed
        ),
        skipped=tuple(
            trust for address, trust in levels.items() if address not in notes and exit_code == 0
        ),
        redactions=tuple(_redactions(pipeline, observed)) if pipeline is not None else (),
    )


def _redactions(pipeline: Pipeline, observed: Iterable[str]) -> Iterator[Redaction]:
    for address in observed:
        yield from stage_redactions(pipeline.stages[address], pipeline.locks.get(address))
