"""Runs stages in a clean clone, and looks at what they made."""

import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.run_records import FoundRecord, find_run_record
from aigf_dvc.errors import AigfError, UndecidedError
from aigf_dvc.evidence.pipeline import Pipeline, Recorded
from aigf_dvc.evidence.reproduction import Digests
from aigf_dvc.evidence.run_record import key_of_lock
from aigf_dvc.hashing.file_hashing import hash_path
from aigf_dvc.programs.dvc_program import find_dvc, run_dvc_aside
from aigf_dvc.running.clean_clone import CleanClone, inside, write_dvc_settings
from aigf_dvc.running.clean_data import copy_from_cache, raw_data
from aigf_dvc.running.run_plan import prepare_recorder
from aigf_dvc.trees.working_tree import WorkingTree

_SHOWN = 5


def remove_outputs(clone: CleanClone, pipeline: Pipeline, scope: Collection[str]) -> None:
    """Remove what git has of the outputs that are about to be made: no stage may read them."""
    for address in scope:
        for out in pipeline.stages[address].outs:
            path = inside(clone.project, out.path)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def bring_data(
    clone: CleanClone, original: Project, pipeline: Pipeline, scope: Collection[str]
) -> None:
    """Bring the raw data that some stages read: from the project's cache, else with `dvc pull`.

    Raises:
        UndecidedError: it is nowhere.
    """
    data = raw_data(pipeline, scope)
    for recorded in data:
        inside(clone.project, recorded.path)
    try:
        write_dvc_settings(clone, original, with_secrets=True)
        if data:
            _bring(clone, original, data)
    finally:
        write_dvc_settings(clone, original, with_secrets=False)


def _bring(clone: CleanClone, original: Project, data: Sequence[Recorded]) -> None:
    here = copy_from_cache(data, original, clone.cache)
    paths = [recorded.path for recorded in data]
    code = _dvc(clone, ["checkout" if here else "pull", "--", *paths])
    if code:
        named = ", ".join(paths[:_SHOWN]) + (", ..." if len(paths) > _SHOWN else "")
        raise UndecidedError(
            f"DVC could not bring the data that the stages read (exit code {code}): {named}",
            expected="the raw data in the local cache or in a DVC remote",
            hint="what DVC says stands above; `dvc push` where the data is, or `dvc pull` here",
        )


def run_stages(clone: CleanClone, pipeline: Pipeline, order: Sequence[str]) -> str:
    """Run stages, observed; return why they could not be observed, empty when they were.

    Raises:
        UndecidedError: one of them failed.
    """
    frozen = [address for address in order if pipeline.stages[address].frozen]
    if frozen:  # DVC runs no frozen stage, not even with --force
        _demand_success(_dvc(clone, ["unfreeze", "--", *frozen]), "`dvc unfreeze`")
    folder = clone.scratch / "recorder"
    folder.mkdir()
    root, environment, problem = clone.project.root, dict(clone.environment), ""
    try:
        shell = prepare_recorder(folder, root, start=root, variables=environment)
        environment["SHELL"] = str(shell)
    except AigfError as error:
        problem = str(error)
    arguments = ["repro", "--force", "--no-run-cache", "--single-item", "--", *order]
    _demand_success(run_dvc_aside(find_dvc(), arguments, folder=root, env=environment), "a stage")
    return problem


def _dvc(clone: CleanClone, arguments: Sequence[str]) -> int:
    return run_dvc_aside(find_dvc(), arguments, folder=clone.project.root, env=clone.environment)


def _demand_success(code: int, what: str) -> None:
    if code:
        raise UndecidedError(
            f"{what} failed in the clean clone (DVC's exit code is {code})",
            expected="stages that run from the commit and the data of its .dvc files alone",
            hint="what it said stands above; a file that no stage declares is not in a clean "
            "clone. `--keep` leaves the clone for you to look at",
        )


def made_by(clone: CleanClone, pipeline: Pipeline, scope: Collection[str]) -> Mapping[str, Digests]:
    """Return the digests of every output that is in the clone now, by path.

    Raises:
        UndecidedError: one is not there, or cannot be read.
    """
    found = {}
    for address in scope:
        for out in pipeline.stages[address].outs:
            try:
                hashed = hash_path(clone.project.root, out.path)
            except (FileNotFoundError, NotADirectoryError):
                raise UndecidedError(
                    "the stage did not make it", where=f"stage {address}: {out.path}"
                ) from None
            found[out.path] = Digests(md5=hashed.md5, sha256=hashed.sha256)
    return found


def clean_run_records(clone: CleanClone, scope: Collection[str]) -> Mapping[str, FoundRecord]:
    """Return the run record of each stage that was observed in the clone, by address."""
    root: Path = clone.project.root
    locks = read_pipeline(WorkingTree(root)).locks
    keys = {address: key_of_lock(locks[address]) for address in scope if address in locks}
    found = {address: find_run_record(root, key) for address, key in keys.items() if key}
    return {address: record for address, record in found.items() if record is not None}
