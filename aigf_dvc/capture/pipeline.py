"""Reads the DVC files of a snapshot."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aigf_dvc.capture.dvc_ignore import DvcIgnore
from aigf_dvc.capture.parameters import read_parameters
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.dvc_file import DvcFile, read_dvc_file
from aigf_dvc.evidence.dvc_lock import read_lock, read_locked_datasets
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.pipeline import Import, Pipeline, Recorded, Stage, StageLock
from aigf_dvc.evidence.template_arguments import CONFIG, read_parsing_options
from aigf_dvc.evidence.templates import fill_in, may_have_templates
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import read_dvc
from aigf_dvc.trees.snapshot import Snapshot

_ENDS = ("dvc.yaml", "dvc.lock", ".dvc")
MERGE_CONFLICT = "a merge conflict"
_CONFLICT = lazy_pattern(rb"^<{7} ", re.MULTILINE)


def read_pipeline(snapshot: Snapshot) -> Pipeline:
    """Read every dvc.yaml, dvc.lock and .dvc file.

    Raises:
        InputError: there is no dvc.yaml.
        UndecidedError: a file cannot be read, or has a shape that is not supported.
    """
    pipeline = read_records(snapshot)
    if not pipeline.stages and not pipeline.definitions:
        raise InputError(
            "no dvc.yaml",
            expected="a DVC pipeline",
            hint="`dvc stage add` writes one; or go to the project's folder",
        )
    return pipeline


def read_records(snapshot: Snapshot) -> Pipeline:
    """Read every dvc.yaml, dvc.lock and .dvc file; a project that only tracks data has no stages.

    Raises:
        UndecidedError: a file cannot be read, or has a shape that is not supported.
    """
    files = dvc_files(snapshot)
    definitions = tuple(file for file in files if posixpath.basename(file) == "dvc.yaml")
    lock_files = tuple(file for file in files if posixpath.basename(file) == "dvc.lock")
    names = tuple(file for file in files if file.endswith(".dvc"))
    stages: dict[str, Stage] = {}
    for file in definitions:
        stages |= read_definition(load_definition(snapshot, file), file=file)
    locks: dict[str, StageLock] = {}
    datasets: dict[str, Recorded] = {}
    for file in lock_files:
        value = load(snapshot, file)
        locks |= read_lock(value, file=file, stages=stages)
        datasets |= read_locked_datasets(value, file=file)
    tracked: dict[str, Recorded] = {}
    imports: dict[str, Import] = {}
    for file in names:
        read = read_dvc_file(load(snapshot, file), file=file)
        _refuse_second(read, tracked, file)
        tracked |= read.tracked
        imports |= read.imports
        if read.stage is not None:
            stages[file] = read.stage
        if read.lock is not None:
            locks[file] = read.lock
    return Pipeline(
        stages=stages,
        locks=locks,
        tracked=tracked,
        definitions=definitions,
        lock_files=lock_files,
        dvc_files=names,
        imports=imports,
        datasets=datasets,
    )


def dvc_files(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the files of a project that DVC reads; sorted."""
    return tuple(_dvc_files(snapshot))


def _dvc_files(snapshot: Snapshot) -> Iterator[str]:
    hides = DvcIgnore(snapshot).hides
    for file in snapshot.files():
        # The first question is fast, and most files are none of DVC's.
        if file.endswith(_ENDS) and is_dvc_file(posixpath.basename(file)) and not hides(file):
            yield file


def is_dvc_file(name: str) -> bool:
    """Tell whether DVC reads a file of this name."""
    return name in ("dvc.yaml", "dvc.lock") or (name.endswith(".dvc") and name != ".dvc")


def _refuse_second(read: DvcFile, tracked: dict[str, Recorded], file: str) -> None:
    for path in read.tracked.keys() & tracked.keys():
        raise UndecidedError(
            f"another .dvc file tracks {path} too", where=file, expected="one record for each path"
        )


def load_definition(snapshot: Snapshot, file: str) -> object:
    """Return a dvc.yaml with its templates filled in.

    Raises:
        UndecidedError: it is not YAML, or a merge left its marks in it, or DVC refuses a template.
    """
    value = load(snapshot, file)
    if not may_have_templates(snapshot.read(file) or b""):
        return value
    return fill_in(
        value,
        file=file,
        load=lambda path: _vars_file(snapshot, path),
        options=lambda: read_parsing_options(snapshot.read(CONFIG) or b""),
    )


def _vars_file(snapshot: Snapshot, path: str) -> Mapping[str, Any] | None:
    data = snapshot.read(path)
    return None if data is None else read_parameters(data, path=path)


def load(snapshot: Snapshot, file: str) -> object:
    """Return the loaded YAML of one of DVC's files.

    Raises:
        UndecidedError: it is not YAML, or a merge left its marks in it.
    """
    data = snapshot.read(file) or b""
    conflict = _CONFLICT.search(data)
    if conflict is not None:
        line = data.count(b"\n", 0, conflict.start()) + 1
        raise UndecidedError(
            MERGE_CONFLICT,
            where=f"{file}:{line}",
            expected="one version",
            hint="take either side, then `dvc repro` (or `dvc commit`) records what is true",
        )
    return read_dvc(data, where=file)
