"""Fetch into DVC's cache what is missing here: the models and metrics, or all data when asked."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from aigf_dvc.capture.dvc_cache import DvcCache
from aigf_dvc.capture.manifest import recorded_paths
from aigf_dvc.capture.model_evidence import metric_files
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.pipeline import MD5, Pipeline, Recorded, parents
from aigf_dvc.programs.dvc_program import find_dvc, run_dvc, without_signing_secrets
from aigf_dvc.settings import Settings
from aigf_dvc.trees.working_tree import WorkingTree

_AT_ONCE = 500  # paths; a command line has a limit


class Missing(Struct, frozen=True, kw_only=True):
    """What is neither in the workspace nor in DVC's cache."""

    paths: tuple[str, ...]  # to fetch
    size: int | None  # bytes, as recorded; None: not all of them are known
    others: tuple[str, ...] = ()  # missing too, but data that was not asked for


def find_missing(project: Project, *, all_data: bool = False) -> Missing:
    """Return what the working tree's records name and this machine does not have.

    Only names and sizes are compared: what is here and wrong shows when it is hashed.

    Args:
        project: where.
        all_data: whether every recorded path is asked for, not the models and metrics alone.

    Raises:
        InputError, UndecidedError: something cannot be read.
    """
    tree = WorkingTree(project.root)
    settings = load_settings(tree)
    pipeline = read_pipeline(tree)
    kept = _kept_by_dvc(pipeline)
    cache = DvcCache(project.root)
    missing = {
        path: record
        for path, record in _candidates(kept, settings, cache).items()
        if not is_outside(path) and not _is_here(project.root, path, record, cache)
    }
    judged = _judged(settings)
    chosen = [path for path in missing if all_data or path in judged]
    sizes = [record.size if (record := missing[path]) else None for path in chosen]
    known = [size for size in sizes if size is not None]
    return Missing(
        paths=tuple(chosen),
        size=sum(known) if len(known) == len(sizes) else None,
        others=tuple(path for path in missing if path not in chosen),
    )


def fetch(project: Project, paths: Iterable[str], *, remote: str = "") -> None:
    """Let DVC fetch some paths from a remote into its cache; it talks on standard error.

    Args:
        project: where.
        paths: what to fetch, and nothing else.
        remote: its name; empty for DVC's default.

    Raises:
        InputError: there is no DVC.
        UndecidedError: DVC could not fetch all of them.
    """
    command = ["fetch", *([f"--remote={remote}"] if remote else []), "--"]
    environment = without_signing_secrets(os.environ)
    waiting = wanted = list(paths)
    while waiting:
        targets, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        code = run_dvc(
            [find_dvc(), *command, *targets],
            folder=project.root,
            env=environment,
            output=subprocess.DEVNULL,
        )
        if code != 0:
            raise UndecidedError(
                f"`dvc fetch` ended with exit code {code}",
                where=remote or "the default remote",
                expected="the missing data",
                hint="what DVC said is above; `dvc remote list` shows the remotes",
            )
    # DVC only warns of what the remote does not have.
    left = set(find_missing(project, all_data=True).paths) & set(wanted) if wanted else set()
    if left:
        raise UndecidedError(
            f"{min(left)} is not there either" + (f", nor {len(left) - 1} more" * (len(left) > 1)),
            where=remote or "the default remote",
            expected="the missing data",
            hint="`dvc push` where the data is; without --remote, what is here is captured",
        )


def _kept_by_dvc(pipeline: Pipeline) -> dict[str, Recorded]:
    """Return the records of what DVC keeps, not git."""
    outs = (out for stage in pipeline.stages.values() for out in stage.outs)
    in_dvc = {*pipeline.tracked, *(out.path for out in outs if out.cached)}
    recorded = recorded_paths(pipeline)
    return {path: recorded[path] for path in recorded if path in in_dvc}


def _judged(settings: Settings) -> tuple[str, ...]:
    """Return the paths whose bytes are judged: the models and their metrics."""
    files = (file for model in settings.models for file in (model.path, *metric_files(model)))
    return tuple(dict.fromkeys(files))


def _candidates(
    kept: dict[str, Recorded], settings: Settings, cache: DvcCache
) -> dict[str, Recorded | None]:
    """Return each path that can be fetched, with its record where there is one."""
    found: dict[str, Recorded | None] = {}
    for path in _judged(settings):
        around = next((kept[folder] for folder in parents(path) if folder in kept), None)
        if path not in kept and around is not None:
            found[path] = _inside(around, path, cache)
    return found | {path: record for path, record in kept.items() if record.names_bytes}


def _inside(around: Recorded, path: str, cache: DvcCache) -> Recorded | None:
    """Return the record of a file in a recorded directory, when its listing is here."""
    for file in cache.directory(around) or ():
        if f"{around.path}/{file.name}" == path:
            return Recorded(path=path, algorithm=MD5, value=file.md5, size=file.size)
    return None


def _is_here(root: Path, path: str, record: Recorded | None, cache: DvcCache) -> bool:
    return (root / path).exists() or (record is not None and cache.find(record) is not None)
