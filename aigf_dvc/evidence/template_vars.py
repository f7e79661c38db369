"""Gathers what the templates of a dvc.yaml can name: `vars:`, the files it lists, params.yaml."""

import posixpath
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from msgspec import Struct, field

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.template_text import refuse_templates
from aigf_dvc.evidence.template_values import Budget

LoadFile: TypeAlias = Callable[[str], Mapping[Any, Any] | None]  # None: no such file

_DEFAULT = "params.yaml"
_MAX_DEPTH = 100


class Variables(Struct, frozen=True, kw_only=True):
    """Values by name, and which files they are from."""

    values: dict[str, Any] = field(default_factory=dict)
    loaded: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """The keys that were taken from each file; None: all of them."""


class VarsReader:
    """Adds up the `vars:` of one dvc.yaml; each file is loaded once."""

    def __init__(self, load: LoadFile, budget: Budget) -> None:
        """Take what loads a file of the project, and the dvc.yaml's budget."""
        self._load = load
        self._budget = budget
        self._files: dict[str, Mapping[Any, Any] | None] = {}
        self._usable: dict[int, tuple[object, object]] = {}  # by identity; holds what it names

    def start(self, items: object, *, directory: str, where: str) -> Variables:
        """Return params.yaml of the folder, if it is there, and the top-level `vars:`."""
        found = Variables()
        if self._file(posixpath.join(directory, _DEFAULT)) is not None:
            found = self._add_file(found, _DEFAULT, directory, where)
        return self.add(found, items, directory=directory, where=where)

    def add(
        self,
        known: Variables,
        items: object,
        *,
        directory: str,
        where: str,
        reserved: Collection[str] = (),
    ) -> Variables:
        """Return the known variables and those of one more `vars:`.

        Args:
            known: what there is already: nothing in it can be redefined.
            items: the list `vars:`: files, `file:key,key`, mappings.
            directory: the folder that files are relative to.
            where: for messages.
            reserved: the names of a generated stage's own values.

        Raises:
            UndecidedError: DVC refuses it too, or a file cannot be read.
        """
        refuse_templates(items, where)
        for item in read.sequence(items, where):
            if isinstance(item, str):
                known = self._add_file(known, item, directory, where, reserved)
            else:
                values = self.usable(read.mapping(item, where, "values by name"), where)
                known = self._merged(known, values, known.loaded, reserved, where)
        return known

    def usable(self, value: object, where: str) -> Any:  # noqa: ANN401  # plain data of any shape
        """Return a value as templates see it: keys that are no text cannot be named, so they go.

        Raises:
            UndecidedError: DVC cannot take it, such as a date.
        """
        return self._usable_at(value, where, 0)

    def _usable_at(self, value: object, where: str, depth: int) -> object:
        if value is None or isinstance(value, str | int | float | bytes):
            return value
        if not isinstance(value, dict | list) or depth > _MAX_DEPTH:
            raise UndecidedError(
                f"{read.shown(value)}, a {type(value).__name__}",
                where=where,
                expected="texts, numbers, true, false, null, mappings, lists; not nested too deep",
                hint="put dates into quotes",
            )
        known = self._usable.get(id(value))
        if known is not None:
            return known[1]
        self._budget.spend(0)
        usable: object
        if isinstance(value, dict):
            usable = {
                key: self._usable_at(item, where, depth + 1)
                for key, item in value.items()
                if isinstance(key, str)
            }
        else:
            usable = [self._usable_at(item, where, depth + 1) for item in value]
        self._usable[id(value)] = (value, usable)
        self._usable[id(usable)] = (usable, usable)
        return usable

    def _add_file(
        self,
        known: Variables,
        item: str,
        directory: str,
        where: str,
        reserved: Collection[str] = (),
    ) -> Variables:
        name, _, listed = item.partition(":")
        keys = tuple(key for key in listed.split(",") if key) if listed else None
        path = read.inside(directory, name, where)
        if path in known.loaded:
            before = known.loaded[path]
            if before is None and not keys:
                return known
            _refuse_again(item, keys, before, where)
        values = self._taken(path, keys, where)
        keys_of_file = (*(known.loaded.get(path) or ()), *keys) if keys is not None else None
        loaded = {**known.loaded, path: keys_of_file}
        return self._merged(known, self.usable(values, f"{where}: {path}"), loaded, reserved, where)

    def _taken(self, path: str, keys: tuple[str, ...] | None, where: str) -> Mapping[Any, Any]:
        values = self._file(path)
        if values is None:
            raise UndecidedError(
                f"no file {path}",
                where=where,
                expected="a file of the project",
                hint="a file that git ignores is in no commit",
            )
        absent = [key for key in keys or () if key not in values]
        if absent:
            raise UndecidedError(f"{path} has no {absent[0]}", where=where, expected="that key")
        return {key: values[key] for key in keys} if keys else values

    def _file(self, path: str) -> Mapping[Any, Any] | None:
        if path not in self._files:
            self._files[path] = self._load(path)
        return self._files[path]

    def _merged(
        self,
        known: Variables,
        values: dict[str, Any],
        loaded: Mapping[str, tuple[str, ...] | None],
        reserved: Collection[str],
        where: str,
    ) -> Variables:
        taken = [name for name in reserved if name in values]
        if taken:
            raise UndecidedError(
                f"`{taken[0]}` is defined", where=where, expected="another name: it is reserved"
            )
        return Variables(values=self._merge(known.values, values, where, ""), loaded=loaded)

    def _merge(
        self, into: dict[str, Any], more: dict[str, Any], where: str, above: str
    ) -> dict[str, Any]:
        self._budget.spend(len(into))
        merged = dict(into)
        for key, value in more.items():
            before = merged.get(key)
            if isinstance(before, dict) and isinstance(value, dict):
                merged[key] = self._merge(before, value, where, f"{above}{key}.")
            elif key in merged:
                raise UndecidedError(
                    f"`{above}{key}` is defined twice",
                    where=where,
                    expected="each value in one place",
                )
            else:
                merged[key] = value
        return merged


def _refuse_again(
    item: str, keys: tuple[str, ...] | None, before: tuple[str, ...] | None, where: str
) -> None:
    """Refuse to load a part twice, or a part and the whole."""
    if keys and before is not None and not set(keys) & set(before):
        return
    raise UndecidedError(
        f"`{item[:80]}` is loaded already, or a part of it",
        where=where,
        expected="each file once, or its keys once each",
        hint="params.yaml of the folder is always loaded" if _DEFAULT in item else "",
    )
