r"""Fills `${...}` into values as DVC does.

- `${a.b[0].c}` goes down by keys and indexes; blanks around a key do not count.
- A text that is one template and nothing else becomes the value itself, whatever its type. In a
  longer text the value is spelled out: `true`, `false`, `None`, numbers as Python writes them.
- A mapping inside a command becomes its arguments; elsewhere in a stage only scalars may stand.
- `\${` stands for `${`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Any

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.template_arguments import ParsingOptions, as_arguments

_TEMPLATE = re.compile(r"(?<!\\)\$\{(.*?)\}")
_ESCAPED = r"\${"
_EXPRESSION = re.compile(r"[^.\[\]]++(?:[ \t\r]*+(?:\.[^.\[\]]++|\[[^.\[\]]++\]))*+[ \t\r]*+\Z")
_ABSENT = object()
_NODE = 16  # what a value costs, beside its text
_ALLOWANCE = 64 * 2**20


@unique
class Allowed(Enum):
    """What a template may stand for."""

    SCALAR = "a text, a number, true, false or null"
    ARGUMENTS = "that, or a mapping: the command's arguments"
    ANYTHING = "anything"
    STAGES = "anything, with keys that are text"  # what stages are generated from


@dataclass(frozen=True, slots=True)
class Scope:
    """What templates can name."""

    values: Mapping[str, Any]
    own: Mapping[str, Any] = field(default_factory=dict)  # `item` and `key`; they come first

    def find(self, steps: tuple[str, ...]) -> object:
        """Return the value at the end of some steps, or _ABSENT."""
        value: Any = self.own if steps[0] in self.own else self.values
        for step in steps:
            if isinstance(value, Mapping):
                if step not in value:
                    return _ABSENT
                value = value[step]
            elif isinstance(value, list):
                try:
                    value = value[int(step)]
                except (ValueError, IndexError):
                    return _ABSENT
            else:
                return _ABSENT
        return value


@dataclass(slots=True)
class Budget:
    """Bounds what one file may grow to: a few lines of aliases or `matrix` can ask for anything."""

    file: str
    left: int = _ALLOWANCE

    def spend(self, characters: int) -> None:
        """Count one value with some characters of text.

        Raises:
            UndecidedError: the file has become too large.
        """
        self.left -= characters + _NODE
        if self.left < 0:
            raise UndecidedError(
                "too large with its templates filled in",
                where=self.file,
                expected=f"at most {_ALLOWANCE >> 20} MiB",
            )


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with templates, taken apart: piece, template, piece, ..., piece."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    steps: tuple[tuple[str, ...], ...]

    @property
    def is_exact(self) -> bool:
        return self.pieces == ("", "")


class Filler:
    """Fills in the templates of one file; each text is taken apart once."""

    def __init__(self, budget: Budget, options: Callable[[], ParsingOptions]) -> None:
        """Take the file's budget, and what returns DVC's options for arguments."""
        self._budget = budget
        self._options = options
        self._texts: dict[str, _Text | None] = {}

    def fill(self, value: Any, scope: Scope, allowed: Allowed, where: str) -> Any:  # noqa: ANN401  # whatever YAML holds
        """Return a value with its templates filled in, those in keys too.

        Raises:
            UndecidedError: a template is malformed, or names nothing, or what may not stand there.
        """
        if isinstance(value, str):
            return self._fill_text(value, scope, allowed, where)
        self._budget.spend(0)
        if isinstance(value, Mapping):
            return {
                self._key(key, scope, allowed, where): self.fill(item, scope, allowed, where)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.fill(item, scope, allowed, where) for item in value]
        return value

    def spell(self, value: object, where: str) -> str:
        """Return a value as it stands in a text."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Mapping):
            return as_arguments(value, self._options(), spend=self._budget.spend, where=where)
        self._weigh(value)
        try:
            return str(value)
        except ValueError:  # Python bounds the digits of a number
            raise UndecidedError(
                "a very long number in a text", where=where, expected="fewer digits"
            ) from None

    def is_exact(self, value: object) -> bool:
        """Tell whether a value is one template and nothing else, and was filled in."""
        taken = self._texts.get(value) if isinstance(value, str) else None
        return taken is not None and taken.is_exact

    def _key(self, key: object, scope: Scope, allowed: Allowed, where: str) -> object:
        if not isinstance(key, str):
            return key
        filled: object = self._fill_text(key, scope, allowed, where)
        if isinstance(filled, Mapping | list) or (allowed is Allowed.STAGES and self.is_exact(key)):
            raise UndecidedError(
                f"the key {read.shown(key)}",
                where=where,
                expected="a key that is more text than the one template",
            )
        return filled

    def _fill_text(self, text: str, scope: Scope, allowed: Allowed, where: str) -> Any:  # noqa: ANN401  # a template's value
        taken = self._taken_apart(text, where)
        if taken is None:
            self._budget.spend(len(text))
            return text
        values = []
        for name, steps in zip(taken.names, taken.steps, strict=True):
            value = scope.find(steps)
            if value is _ABSENT:
                raise UndecidedError(
                    f"nothing is called ${{{name[:80]}}}",
                    where=where,
                    expected="a value of `vars:`, its files or params.yaml"
                    + (", `item` or `key`" if scope.own else ""),
                )
            _check(value, allowed, name, where)
            values.append(value)
        if taken.is_exact:
            self._budget.spend(len(values[0]) if isinstance(values[0], str) else 0)
            return values[0]
        return self._joined(taken.pieces, [self.spell(value, where) for value in values])

    def _joined(self, pieces: tuple[str, ...], spelled: list[str]) -> str:
        self._budget.spend(sum(map(len, pieces)) + sum(map(len, spelled)))
        parts = [pieces[0]]
        for value, piece in zip(spelled, pieces[1:], strict=True):
            parts += (value, piece)
        return "".join(parts).replace(_ESCAPED, "${")

    def _taken_apart(self, text: str, where: str) -> _Text | None:
        """Return None for a text that stays as it is."""
        try:
            return self._texts[text]
        except KeyError:
            taken = self._texts[text] = _take_apart(text, where) if "${" in text else None
            return taken

    def _weigh(self, value: object) -> None:
        """Count what a list holds before it is spelled: aliases can make it endless."""
        self._budget.spend(len(value) if isinstance(value, str) else 0)
        if isinstance(value, Mapping | list):
            for item in value.values() if isinstance(value, Mapping) else value:
                self._weigh(item)


def refuse_templates(value: object, where: str) -> None:
    """Refuse `${...}` where DVC does; what aliases repeat is looked at once.

    Raises:
        UndecidedError: a template is in the value.
    """
    waiting, seen = [value], set[int]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and _TEMPLATE.search(value):
            raise UndecidedError(
                f"a template: {read.shown(value)}", where=where, expected="plain values"
            )
        if isinstance(value, Mapping | list) and id(value) not in seen:
            seen.add(id(value))
            waiting += (*value.keys(), *value.values()) if isinstance(value, Mapping) else value


def _take_apart(text: str, where: str) -> _Text:
    pieces, names, end = [], [], 0
    for match in _TEMPLATE.finditer(text):
        if not _EXPRESSION.match(match[1]):
            raise UndecidedError(
                f"the template {read.shown(match[0])}",
                where=where,
                expected="names with `.` or `[ ]` between them, such as ${train.layers[0]}",
                hint=r"for a plain ${ write \${",
            )
        pieces.append(text[end : match.start()])
        names.append(match[1])
        end = match.end()
    steps = (name.replace("[", ".").replace("]", "").split(".") for name in names)
    return _Text(
        pieces=(*pieces, text[end:]),
        names=tuple(names),
        steps=tuple(tuple(step.strip() for step in path) for path in steps),
    )


def _check(value: object, allowed: Allowed, name: str, where: str) -> None:
    """Refuse a mapping or list where DVC does."""
    if isinstance(value, list):
        fits = allowed in (Allowed.ANYTHING, Allowed.STAGES)
    elif isinstance(value, Mapping):
        fits = allowed is not Allowed.SCALAR
    else:
        return
    if not fits:
        kind = "list" if isinstance(value, list) else "mapping"
        raise UndecidedError(
            f"${{{name[:80]}}} is a {kind}",
            where=where,
            expected=allowed.value,
            hint="name one value inside it, such as ${name.key} or ${name[0]}",
        )
