"""Reads the stages of one dvc.yaml: pure, from loaded YAML whose templates are filled in."""

import posixpath
from collections.abc import Mapping

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.pipeline import Out, Stage

DEFAULT_PARAMETERS = "params.yaml"
_KINDS = ("outs", "metrics", "plots")
_STAGE_KEYS = {
    "cmd", "wdir", "deps", *_KINDS, "params", "frozen", "always_changed", "desc", "meta",
}  # fmt: skip


def read_definition(value: object, *, file: str) -> dict[str, Stage]:
    """Return the stages of one dvc.yaml, by address.

    Args:
        value: the loaded YAML, its templates filled in.
        file: its path in the project.

    Raises:
        UndecidedError: the value has another shape than DVC's; a shape is never skipped.
    """
    if value is None:
        return {}
    top = read.mapping(value, file, "stages")
    folder = posixpath.dirname(file)
    prefix = f"{file}:" if folder else ""
    named = read.mapping(top.get("stages") or {}, f"{file}: stages", "stages by name")
    return {
        f"{prefix}{name}": _stage(f"{prefix}{name}", stage, file=file)
        for name, stage in named.items()
    }


def _stage(address: str, value: object, *, file: str) -> Stage:
    where = f"{file}: stage {address.rpartition(':')[2]}"
    stage = read.mapping(value, where, "`cmd`, `deps`, `outs`")
    unknown = set(stage) - _STAGE_KEYS
    if unknown:
        raise read.unsupported(where, f"the key `{min(map(str, unknown))}`")
    if "cmd" not in stage:
        raise UndecidedError("no `cmd`", where=where, expected="the stage's command")
    directory = read.inside(posixpath.dirname(file), stage.get("wdir") or ".", where)
    return Stage(
        address=address,
        file=file,
        commands=read.commands(stage["cmd"], where),
        directory=directory,
        deps=tuple(
            read.place(directory, path, where) for path in read.sequence(stage.get("deps"), where)
        ),
        outs=tuple(
            _out(item, kind, directory, where)
            for kind in _KINDS
            for item in read.sequence(stage.get(kind), where)
        ),
        parameters=_parameter_keys(stage.get("params"), directory, where),
        frozen=bool(stage.get("frozen")),
        always_changed=bool(stage.get("always_changed")),
    )


def _out(item: object, kind: str, directory: str, where: str) -> Out:
    path, options = read.named(item, where)
    return Out(
        path=read.place(directory, path, where),
        kind=kind,
        cached=options.get("cache", True) is not False,
        persist=options.get("persist", False) is True,
    )


def _parameter_keys(value: object, directory: str, where: str) -> dict[str, tuple[str, ...]]:
    """Return the keys by file; a file without any is a parameter as a whole, keys or not."""
    found: dict[str, tuple[str, ...]] = {}
    whole = set[str]()
    for item in read.sequence(value, where):
        listed = item if isinstance(item, Mapping) else {DEFAULT_PARAMETERS: [item]}
        for file, keys in listed.items():
            path = read.place(directory, file, where)
            names = tuple(_parameter(key, where) for key in read.sequence(keys or None, where))
            found[path] = found.get(path, ()) + names
            if not names:
                whole.add(path)
    return found | dict.fromkeys(whole, ())


def _parameter(name: object, where: str) -> str:
    if not isinstance(name, str) or not name:
        raise UndecidedError(
            f"the parameter {read.shown(name)}", where=where, expected="a parameter's name"
        )
    return name
