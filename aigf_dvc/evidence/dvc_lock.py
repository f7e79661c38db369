"""Reads one dvc.lock: pure, from loaded YAML. Schema 2.0, and 1.0 as DVC 1 wrote it."""

import posixpath
from collections.abc import Mapping
from typing import Any

from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.dvc_record import recorded_by_path
from aigf_dvc.evidence.pipeline import Recorded, Stage, StageLock

DATASET = "ds://"


def read_lock(value: object, *, file: str, stages: Mapping[str, Stage]) -> dict[str, StageLock]:
    """Return the recorded stages, by address; those that dvc.yaml no longer has are left out.

    Raises:
        UndecidedError: the value has another shape than DVC's.
    """
    prefix = address_prefix(file)
    return {
        f"{prefix}{name}": read_stage_lock(
            entry, stages[f"{prefix}{name}"].directory, f"{file}: stage {name}"
        )
        for name, entry in _entries(value, file).items()
        if f"{prefix}{name}" in stages
    }


def address_prefix(file: str) -> str:
    """Return what stands before the names of a dvc.lock's stages in their addresses."""
    folder = posixpath.dirname(file)
    return posixpath.join(folder, "dvc.yaml") + ":" if folder else ""


def _entries(value: object, file: str) -> Mapping[Any, Any]:
    """Return the entries by stage; schema 1.0 has them at the top."""
    if value is None:
        return {}
    top = read.mapping(value, file, "`schema` and `stages`")
    if "schema" not in top and "stages" not in top and "datasets" not in top:
        return top
    schema = top.get("schema")
    if not isinstance(schema, str | float) or str(schema) != "2.0":
        raise read.unsupported(
            file, f"the lock schema {read.shown(schema)}", "'2.0', or 1.0 without `schema:`"
        )
    return read.mapping(top.get("stages") or {}, f"{file}: stages", "stages by name")


def read_stage_lock(value: object, directory: str, where: str) -> StageLock:
    """Return one entry.

    Args:
        value: the loaded entry.
        directory: the folder that the stage runs in: its paths are relative to it.
        where: for messages.

    Raises:
        UndecidedError: the value has another shape than DVC's.
    """
    entry = read.mapping(value, where, "`cmd`, `deps`, `outs`")
    unknown = set(entry) - {"cmd", "deps", "outs", "params"}
    if unknown:
        raise read.unsupported(where, f"the key `{min(map(str, unknown))}`")
    return StageLock(
        commands=read.commands(entry.get("cmd"), where),
        deps=recorded_by_path(entry.get("deps"), directory, where),
        outs=recorded_by_path(entry.get("outs"), directory, where),
        parameters=recorded_parameters(entry.get("params"), directory, where),
    )


def recorded_parameters(
    value: object, directory: str, where: str
) -> dict[str, Mapping[str, Any]]:  # Any: whatever the parameter file held
    """Return the parameters of one entry: their file, then their name.

    Raises:
        UndecidedError: the value has another shape than DVC's.
    """
    files = read.mapping(value or {}, where, "parameter files")
    return {
        read.place(directory, file, where): read.mapping(keys or {}, where, "parameters by name")
        for file, keys in files.items()
    }


def read_locked_datasets(value: object, *, file: str) -> dict[str, Recorded]:
    """Return the data sets that dvc.lock has pinned, as stages depend on them: `ds://NAME`.

    Raises:
        UndecidedError: the value has another shape than DVC's.
    """
    top = value if isinstance(value, Mapping) else {}
    found: dict[str, Recorded] = {}
    for item in read.sequence(top.get("datasets"), file):
        entry = read.mapping(item, f"{file}: datasets", "`name`, `url` and `lock`")
        path = f"{DATASET}{entry.get('name')}"
        found |= recorded_by_path([{"path": path, "dataset": dict(entry)}], "", file)
    return found
