"""Names the stages that `foreach:` and `matrix:` stand for, and gives each its `item` and `key`."""

from itertools import product
from math import prod
from typing import Any, TypeAlias

from msgspec import Struct

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.template_values import Allowed, Budget, Filler, Scope
from aigf_dvc.evidence.template_vars import VarsReader

MAX_STAGES = 100_000

Group: TypeAlias = dict[str, dict[str, Any]]
"""By what follows the `@` in a stage's name: `item`, and `key` where DVC gives one."""


class Groups(Struct, frozen=True, kw_only=True):
    """Reads the `foreach:` and `matrix:` of one dvc.yaml."""

    filler: Filler
    reader: VarsReader
    scope: Scope
    budget: Budget

    def foreach(self, value: object, where: str) -> Group:
        """Return the group of a list or a mapping."""
        values = self._filled(value, where)
        if not isinstance(values, dict | list):
            raise UndecidedError(read.shown(values), where=where, expected="a mapping or a list")
        if len(values) > MAX_STAGES:
            raise too_many(where)
        if isinstance(values, dict):
            named = ((self.filler.spell(key, where), item) for key, item in values.items())
            return {
                key: {"item": self.reader.usable(item, where), "key": key} for key, item in named
            }
        if any(isinstance(item, dict | list) for item in values):
            names = [str(number) for number in range(len(values))]
        else:
            names = self._names(value, values, where)
        return {
            name: {"item": self.reader.usable(item, where)}
            for name, item in zip(names, values, strict=True)
        }

    def matrix(self, value: object, where: str) -> Group:
        """Return the group of every combination of some lists."""
        axes: dict[str, list[tuple[str, Any]]] = {}
        for axis, items in read.mapping(value, where, "lists by name").items():
            if not isinstance(axis, str) or not isinstance(items, str | list):
                raise UndecidedError(read.shown({axis: items}), where=where, expected="a list")
            [(name, values)] = self._filled({axis: items}, where).items()
            axes[name] = self._axis(name, values, items, where)
        if prod(map(len, axes.values())) > MAX_STAGES:
            raise too_many(where)
        found: Group = {}
        for combination in product(*axes.values()):
            for name, _ in combination:
                self.budget.spend(len(name))
            key = "-".join(name for name, _ in combination)
            item = {axis: each for axis, (_, each) in zip(axes, combination, strict=True)}
            found[key] = {"item": item, "key": key}
        return found

    def _axis(
        self, axis: str, values: object, written: object, where: str
    ) -> list[tuple[str, Any]]:
        """Return the values of one name, each with its part of the stage's name."""
        if not isinstance(values, dict | list | str) or (
            isinstance(values, str) and self.filler.is_exact(written)
        ):
            raise UndecidedError(f"{axis}: {read.shown(values)}", where=where, expected="a list")
        for _ in values:
            self.budget.spend(len(axis))
        listed = list(values)  # of a mapping DVC takes the keys, of a text the letters
        names = self._names(written, listed, where)
        return [
            (
                f"{axis}{number}" if isinstance(item, dict | list) else names[number],
                self.reader.usable(item, where),
            )
            for number, item in enumerate(listed)
        ]

    def _names(self, written: object, values: list[Any], where: str) -> list[str]:
        """Return each scalar as it stands in a stage's name.

        DVC spells `true` what dvc.yaml lists itself, and `True` what a template brought.
        """
        origins = written if isinstance(written, list) else [""] * len(values)
        return [
            str(value)
            if isinstance(value, bool) and isinstance(origin, str)
            else self.filler.spell("" if isinstance(value, dict | list) else value, where)
            for value, origin in zip(values, origins, strict=True)
        ]

    def _filled(self, value: object, where: str) -> Any:  # noqa: ANN401  # whatever a template brings
        return self.filler.fill(value, self.scope, Allowed.STAGES, where)


def too_many(where: str) -> UndecidedError:
    """Return the error for more stages than anybody writes on purpose."""
    return UndecidedError(
        "too many stages", where=where, expected=f"at most {MAX_STAGES} in one dvc.yaml"
    )
