"""Reads one .dvc file: of `dvc add`, `dvc import`, `dvc import-url`, or a stage of DVC 0.x."""

import posixpath
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.dvc_record import recorded, recorded_by_path
from aigf_dvc.evidence.pipeline import Import, Out, Recorded, Stage, StageLock
from aigf_dvc.redaction import redact_url


class DvcFile(Struct, frozen=True, kw_only=True):
    """What one .dvc file says."""

    tracked: Mapping[str, Recorded] = field(default_factory=dict)  # data, by path
    imports: Mapping[str, Import] = field(default_factory=dict)  # by path
    stage: Stage | None = None  # DVC 0.x kept a stage and its last run in one file
    lock: StageLock | None = None


def read_dvc_file(value: object, *, file: str) -> DvcFile:
    """Read one .dvc file.

    Args:
        value: the loaded YAML.
        file: its path in the project.

    Raises:
        UndecidedError: the value has another shape than DVC's.
    """
    top = read.mapping(value, file, "`outs`")
    directory = read.inside(posixpath.dirname(file), top.get("wdir") or ".", file)
    outs = recorded_by_path(top.get("outs"), directory, file)
    if "cmd" in top:
        return _stage_file(top, outs, directory, file)
    if not outs:
        raise UndecidedError("no `outs`", where=file, expected="the data that it tracks")
    deps = read.sequence(top.get("deps"), file)
    imports = {}
    for path, out in outs.items() if deps else ():
        imports[path] = _import(deps, out, directory, file)
    return DvcFile(tracked=outs, imports=imports)


def _import(deps: list[Any], out: Recorded, directory: str, file: str) -> Import:
    if len(deps) != 1:
        raise read.unsupported(file, f"{len(deps)} sources of imported data", "one source")
    entry = read.mapping(deps[0], f"{file}: deps", "`path` and where it is from")
    if "repo" in entry:
        return _from_repository(entry, out, file)
    source = recorded(entry, directory, f"{file}: deps")
    return Import(path=out.path, url=source.path, recorded=source, file=file)


def _from_repository(entry: Mapping[Any, Any], out: Recorded, file: str) -> Import:
    where = f"{file}: deps"
    repo = read.mapping(entry["repo"], where, "`url` and `rev_lock`")
    texts = {key: repo.get(key) or "" for key in ("url", "rev_lock", "rev")}
    texts["path"] = entry.get("path") or ""
    for key, text in texts.items():
        if not isinstance(text, str):
            raise UndecidedError(f"{key}: {read.shown(text)}", where=where, expected="a text")
    if not texts["url"]:
        raise UndecidedError("no `url`", where=f"{where}: repo", expected="the other repository")
    return Import(
        path=out.path,
        url=redact_url(texts["url"]),
        source=texts["path"],
        commit=texts["rev_lock"],
        revision=texts["rev"],
        file=file,
    )


def _stage_file(
    top: Mapping[Any, Any], outs: Mapping[str, Recorded], directory: str, file: str
) -> DvcFile:
    """Read what DVC 0.x wrote: definition and record in one; DVC 3 still reads it."""
    deps = recorded_by_path(top.get("deps"), directory, file)
    options = {
        read.place(directory, item.get("path"), file): item
        for item in read.sequence(top.get("outs"), file)
        if isinstance(item, Mapping)
    }
    command = read.commands(top["cmd"], file)
    stage = Stage(
        address=file,
        file=file,
        commands=command,
        directory=directory,
        deps=tuple(deps),
        outs=tuple(_out(path, options[path]) for path in outs),
        parameters={},
        frozen=bool(top.get("frozen") or top.get("locked")),
        always_changed=bool(top.get("always_changed")),
    )
    ran = all(record.value for record in (*deps.values(), *outs.values()))
    lock = StageLock(commands=command, deps=deps, outs=outs, parameters={}) if ran else None
    return DvcFile(stage=stage, lock=lock)


def _out(path: str, options: Mapping[Any, Any]) -> Out:
    return Out(
        path=path,
        kind="metrics" if options.get("metric") else "outs",
        cached=options.get("cache", True) is not False,
        persist=options.get("persist", False) is True,
    )
