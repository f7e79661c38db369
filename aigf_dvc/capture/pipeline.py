"""Reads the DVC files of a snapshot."""

import posixpath

from aigf_dvc.capture.snapshot import Snapshot
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.pipeline import (
    Pipeline,
    Recorded,
    Stage,
    StageLock,
    read_definition,
    read_dvc_file,
    read_lock,
)
from aigf_dvc.strict_yaml import read_dvc


def read_pipeline(snapshot: Snapshot) -> Pipeline:
    """Read every dvc.yaml, dvc.lock and .dvc file.

    Raises:
        InputError: there is no dvc.yaml.
        UndecidedError: a file cannot be read, or has a shape that is not supported.
    """
    files = snapshot.files()
    definitions = tuple(file for file in files if posixpath.basename(file) == "dvc.yaml")
    if not definitions:
        raise InputError(
            "no dvc.yaml",
            expected="a DVC pipeline",
            hint="`dvc stage add` writes one; or go to the project's folder",
        )
    stages: dict[str, Stage] = {}
    for file in definitions:
        stages |= read_definition(_load(snapshot, file), file=file)
    locks: dict[str, StageLock] = {}
    lock_files = tuple(file for file in files if posixpath.basename(file) == "dvc.lock")
    for file in lock_files:
        locks |= read_lock(_load(snapshot, file), file=file, stages=stages)
    tracked: dict[str, Recorded] = {}
    dvc_files = tuple(file for file in files if posixpath.basename(file).endswith(".dvc"))
    for file in dvc_files:
        if posixpath.basename(file) != ".dvc":
            found = read_dvc_file(_load(snapshot, file), file=file)
            for path in found.keys() & tracked.keys():
                raise UndecidedError(
                    f"another .dvc file tracks {path} too",
                    where=file,
                    expected="one record for each path",
                )
            tracked |= found
    return Pipeline(
        stages=stages,
        locks=locks,
        tracked=tracked,
        definitions=definitions,
        lock_files=lock_files,
        dvc_files=dvc_files,
    )


def _load(snapshot: Snapshot, file: str) -> object:
    return read_dvc(snapshot.read(file) or b"", where=file)
