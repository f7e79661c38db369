"""A DVC pipeline: what dvc.yaml defines, what dvc.lock recorded, what .dvc files track.

Pure readers of values that were loaded from YAML. All paths come out relative to the project's
folder. A shape that is not understood is refused by name, never skipped.
"""

import posixpath
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigf_dvc.errors import UndecidedError

DEFAULT_PARAMETERS = "params.yaml"
LEGACY = "md5-dos2unix"  # DVC 2's hash: of a text with LF line ends
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?\Z")
_LARGEST = 10**18 - 1  # bytes; as many digits as a line of the digest lock has
_LONG_NUMBER = 1024  # bits
_REPR = reprlib.Repr()  # bounded: aliases can make a small file huge
_REPR.maxlevel = 2
_REPR.maxstring = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """One output as dvc.yaml defines it."""

    path: str
    kind: str  # "outs", "metrics" or "plots"
    cached: bool  # False: `cache: false`, the file is kept in git


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage as dvc.yaml defines it."""

    address: str  # as DVC names it from the project's folder: `train`, `sub/dvc.yaml:train`
    file: str  # the dvc.yaml
    commands: tuple[str, ...]
    directory: str  # the folder it runs in; empty for the project's own
    deps: tuple[str, ...]
    outs: tuple[Out, ...]
    parameters: Mapping[str, tuple[str, ...]]  # file -> keys; no keys: the whole file
    frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One path and its hash, as dvc.lock or a .dvc file records it."""

    path: str
    algorithm: str  # "md5", or DVC 2's "md5-dos2unix"
    value: str  # hexadecimal; a directory's ends in `.dir`
    size: int | None = None
    file_count: int | None = None

    @property
    def is_directory(self) -> bool:
        """Tell whether a directory was recorded."""
        return self.value.endswith(".dir")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLock:
    """One stage as dvc.lock recorded its last run."""

    commands: tuple[str, ...]
    deps: Mapping[str, Recorded]
    outs: Mapping[str, Recorded]
    parameters: Mapping[str, Mapping[str, Any]]  # Any: whatever the parameter file held


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Every stage and every tracked file of a project."""

    stages: Mapping[str, Stage]  # by address
    locks: Mapping[str, StageLock]  # by address; without the stages that never ran
    tracked: Mapping[str, Recorded]  # what .dvc files track, by path
    definitions: tuple[str, ...]  # the dvc.yaml files
    lock_files: tuple[str, ...]
    dvc_files: tuple[str, ...]

    def producers(self) -> Mapping[str, str]:
        """Return the stage that makes each output.

        Raises:
            UndecidedError: two stages make one path, or a stage makes what a .dvc file tracks.
        """
        found: dict[str, str] = {}
        for stage in self.stages.values():
            for out in stage.outs:
                if out.path in found:
                    raise UndecidedError(
                        f"the stages {found[out.path]} and {stage.address} both make {out.path}",
                        where=stage.file,
                        expected="one stage for each output",
                    )
                if out.path in self.tracked:
                    raise UndecidedError(
                        f"the stage {stage.address} makes {out.path}, which a .dvc file tracks too",
                        where=stage.file,
                        expected="one record for each path",
                    )
                found[out.path] = stage.address
        return found

    def ancestors(self, path: str) -> tuple[str, ...]:
        """Return the stages that a path's bytes depend on, nearest first; none for raw data."""
        producers = self.producers()
        order: dict[str, None] = {}  # a set that keeps its order
        waiting = [producers[path]] if path in producers else []
        while waiting:
            address = waiting.pop(0)
            if address not in order:
                order[address] = None
                waiting.extend(producers[d] for d in self.stages[address].deps if d in producers)
        return tuple(order)


def read_definition(value: object, *, file: str) -> dict[str, Stage]:
    """Read the stages of one dvc.yaml, by address.

    Args:
        value: the loaded YAML.
        file: its path in the project.

    Raises:
        UndecidedError: the value has another shape than DVC's, or one that is not supported.
    """
    if value is None:
        return {}
    top = _mapping(value, file, "stages")
    for key, meaning in (("vars", "templating"), ("datasets", "data outside DVC's own cache")):
        if top.get(key):
            raise _unsupported(file, f"`{key}:` ({meaning})")
    stages = _mapping(top.get("stages") or {}, f"{file}: stages", "stages by name")
    folder = posixpath.dirname(file)
    prefix = f"{file}:" if folder else ""
    return {
        f"{prefix}{name}": _stage(f"{prefix}{name}", stage, file=file)
        for name, stage in stages.items()
    }


def _stage(address: str, value: object, *, file: str) -> Stage:
    where = f"{file}: stage {address.rpartition(':')[2]}"
    stage = _mapping(value, where, "`cmd`, `deps`, `outs`")
    for key in ("foreach", "matrix"):
        if key in stage:
            raise _unsupported(where, f"`{key}:` (generated stages)")
    unknown = set(stage) - _STAGE_KEYS
    if unknown:
        raise _unsupported(where, f"the key `{min(map(str, unknown))}`")
    if "cmd" not in stage:
        raise UndecidedError("no `cmd`", where=where, expected="the stage's command")
    _refuse_templates(stage, where, set())
    directory = _join(posixpath.dirname(file), stage.get("wdir") or ".", where)
    return Stage(
        address=address,
        file=file,
        commands=_commands(stage["cmd"], where),
        directory=directory,
        deps=tuple(_join(directory, path, where) for path in _list(stage.get("deps"), where)),
        outs=tuple(
            out
            for kind in ("outs", "metrics", "plots")
            for out in _outs(stage.get(kind), kind, directory, where)
        ),
        parameters=_parameter_keys(stage.get("params"), directory, where),
        frozen=bool(stage.get("frozen")),
    )


_STAGE_KEYS = {
    "cmd", "wdir", "deps", "outs", "metrics", "plots", "params",
    "frozen", "always_changed", "desc", "meta",
}  # fmt: skip


def read_lock(value: object, *, file: str, stages: Mapping[str, Stage]) -> dict[str, StageLock]:
    """Read one dvc.lock, by address; entries of stages that dvc.yaml no longer has are left out.

    Raises:
        UndecidedError: the value has another shape than DVC's, or one that is not supported.
    """
    if value is None:
        return {}
    top = _mapping(value, file, "`schema` and `stages`")
    schema = top.get("schema")
    if not isinstance(schema, str | float) or str(schema) != "2.0":
        raise _unsupported(file, f"the lock schema {_shown(schema or '1.0')}", "'2.0'")
    if top.get("datasets"):
        raise _unsupported(file, "`datasets:`")
    entries = _mapping(top.get("stages") or {}, f"{file}: stages", "stages by name")
    folder = posixpath.dirname(file)
    prefix = posixpath.join(folder, "dvc.yaml") + ":" if folder else ""
    return {
        f"{prefix}{name}": _stage_lock(entry, stages[f"{prefix}{name}"], f"{file}: stage {name}")
        for name, entry in entries.items()
        if f"{prefix}{name}" in stages
    }


def _stage_lock(value: object, stage: Stage, where: str) -> StageLock:
    entry = _mapping(value, where, "`cmd`, `deps`, `outs`")
    unknown = set(entry) - {"cmd", "deps", "outs", "params"}
    if unknown:
        raise _unsupported(where, f"the key `{min(map(str, unknown))}`")
    parameters = _mapping(entry.get("params") or {}, where, "parameter files")
    return StageLock(
        commands=_commands(entry.get("cmd"), where),
        deps=_recorded(entry.get("deps"), stage.directory, where),
        outs=_recorded(entry.get("outs"), stage.directory, where),
        parameters={
            _join(stage.directory, file, where): _mapping(keys or {}, where, "parameters by name")
            for file, keys in parameters.items()
        },
    )


def read_dvc_file(value: object, *, file: str) -> dict[str, Recorded]:
    """Read one .dvc file of `dvc add`: the data it tracks, by path.

    Raises:
        UndecidedError: another shape, such as that of `dvc import`.
    """
    top = _mapping(value, file, "`outs`")
    if top.get("deps"):
        raise _unsupported(file, "imported data (`deps:` in a .dvc file)")
    if "cmd" in top:
        raise _unsupported(file, "a stage in a .dvc file (DVC 0.x)")
    directory = _join(posixpath.dirname(file), top.get("wdir") or ".", file)
    outs = _recorded(top.get("outs"), directory, file)
    if not outs:
        raise UndecidedError("no `outs`", where=file, expected="the data that it tracks")
    return outs


def _recorded(value: object, directory: str, where: str) -> dict[str, Recorded]:
    found = {}
    for item in _list(value, where):
        entry = _mapping(item, where, "`path` and `md5`")
        path = _join(directory, entry.get("path"), where)
        for key in ("files", "cloud", "etag", "checksum", "dataset", "repo", "version_id"):
            if key in entry:
                raise _unsupported(f"{where}: {path}", f"`{key}:` (data outside DVC's own cache)")
        value_ = entry.get("md5")
        if not isinstance(value_, str) or not _is_md5(value_):
            raise UndecidedError(
                f"md5: {_shown(value_)}", where=f"{where}: {path}", expected="32 hexadecimal digits"
            )
        algorithm = entry.get("hash", LEGACY)
        if algorithm not in ("md5", LEGACY):
            raise _unsupported(f"{where}: {path}", f"the hash {_shown(algorithm)}")
        if path in found:
            raise UndecidedError(f"{path} stands twice", where=where, expected="each path once")
        found[path] = Recorded(
            path=path,
            algorithm=algorithm,
            value=value_,
            size=_count(entry.get("size"), f"{where}: {path}"),
            file_count=_count(entry.get("nfiles"), f"{where}: {path}"),
        )
    return found


def _is_md5(text: str) -> bool:
    return _MD5.match(text) is not None


def _count(value: object, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
        return value
    raise UndecidedError(f"size: {_shown(value)}", where=where, expected="a whole number")


def _commands(value: object, where: str) -> tuple[str, ...]:
    commands = value if isinstance(value, list) else [value]
    if not commands or not all(isinstance(c, str) and c for c in commands):
        raise UndecidedError(
            f"cmd: {_shown(value)}", where=where, expected="a command or a list of them"
        )
    return tuple(commands)


def _outs(value: object, kind: str, directory: str, where: str) -> list[Out]:
    found = []
    for item in _list(value, where):
        path, details = _named(item, where)
        found.append(
            Out(
                path=_join(directory, path, where),
                kind=kind,
                cached=_mapping(details or {}, where, "options").get("cache", True) is not False,
            )
        )
    return found


def _named(item: object, where: str) -> tuple[object, object]:
    """Return the path and options of `path` or `{path: options}`."""
    if not isinstance(item, Mapping):
        return item, None
    if len(item) != 1:
        raise UndecidedError(_shown(item), where=where, expected="one path with its options")
    return next(iter(item.items()))


def _parameter_keys(value: object, directory: str, where: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    default = _join(directory, DEFAULT_PARAMETERS, where)
    for item in _list(value, where):
        if isinstance(item, Mapping):
            for file, keys in item.items():
                names = tuple(_parameter(key, where) for key in _list(keys, where))
                path = _join(directory, file, where)
                found[path] = found.get(path, ()) + names
        else:
            found[default] = (*found.get(default, ()), _parameter(item, where))
    return found


def _parameter(name: object, where: str) -> str:
    if not isinstance(name, str) or not name:
        raise UndecidedError(
            f"the parameter {_shown(name)}", where=where, expected="a parameter's name"
        )
    return name


def _join(directory: str, path: object, where: str) -> str:
    """Return a path relative to the project; a path that leaves it is refused."""
    if not isinstance(path, str) or not path:
        raise UndecidedError(f"the path {_shown(path)}", where=where, expected="a path")
    if "://" in path or path.startswith(("/", "~")) or "\\" in path:
        raise _unsupported(where, f"the path {_shown(path)} outside the project")
    joined = posixpath.normpath(posixpath.join(directory, path))
    if joined.split("/")[0] == "..":
        raise _unsupported(where, f"the path {_shown(path)} outside the project's folder")
    return "" if joined == "." else joined


def _refuse_templates(value: object, where: str, seen: set[int]) -> None:
    """Refuse `${...}` anywhere in a stage; a value that aliases repeat is looked at once."""
    if isinstance(value, str) and "${" in value:
        raise _unsupported(where, f"templating: {_shown(value)}")
    if not isinstance(value, Mapping | list) or id(value) in seen:
        return
    seen.add(id(value))
    children = (*value.keys(), *value.values()) if isinstance(value, Mapping) else value
    for child in children:
        _refuse_templates(child, where, seen)


def _mapping(value: object, where: str, expected: str) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    raise UndecidedError(_shown(value), where=where, expected=f"a mapping with {expected}")


def _list(value: object, where: str) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise UndecidedError(_shown(value), where=where, expected="a list")


def _shown(value: object) -> str:
    """Return a short form of a value for a message."""
    if isinstance(value, int) and value.bit_length() > _LONG_NUMBER:
        return "a very long number"
    return _REPR.repr(value)


def _unsupported(where: str, what: str, expected: str = "") -> UndecidedError:
    return UndecidedError(
        f"{what} is not supported yet",
        where=where,
        expected=expected or "a plain DVC pipeline",
        hint="nothing was skipped: write the stage without it, or wait for a version that reads it",
    )
