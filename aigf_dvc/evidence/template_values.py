r"""Fills `${...}` into values as DVC does.

- `${a.b[0].c}` goes down by keys and indexes; blanks around a key do not count.
- A text that is one template and nothing else becomes the value itself, whatever its type. In a
  longer text the value is spelled out: `true`, `false`, `None`, numbers as Python writes them.
- A mapping inside a command becomes its arguments; elsewhere in a stage only scalars may stand.
- `\${` stands for `${`.
"""

from collections.abc import Callable
from enum import Enum, unique
from typing import Any

from msgspec import Struct, field

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.template_arguments import ParsingOptions, as_arguments
from aigf_dvc.evidence.template_text import Template, Text, take_apart

_ESCAPED = r"\${"
_ABSENT = object()
_NODE = 64  # what a value costs, beside its text
_ALLOWANCE = 64 * 2**20


@unique
class Allowed(Enum):
    """What a template may stand for."""

    SCALAR = "a text, a number, true, false or null"
    ARGUMENTS = "that, or a mapping: the command's arguments"
    ANYTHING = "anything"
    STAGES = "anything, with keys that are text"  # what stages are generated from


class Scope(Struct, frozen=True):
    """What templates can name."""

    values: dict[str, Any]
    own: dict[str, Any] = field(default_factory=dict)  # `item` and `key`; they come first

    def find(self, steps: tuple[str, ...]) -> object:
        """Return the value at the end of some steps, or _ABSENT."""
        value: Any = self.own if steps[0] in self.own else self.values
        try:
            for step in steps:
                if isinstance(value, dict):
                    value = value[step]
                elif isinstance(value, list):
                    value = value[int(step)]
                else:
                    return _ABSENT
        except (KeyError, IndexError, ValueError):
            return _ABSENT
        return value


class Budget(Struct):
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


class Filler:
    """Fills in the templates of one file; each text is taken apart once."""

    def __init__(self, budget: Budget, options: Callable[[], ParsingOptions]) -> None:
        """Take the file's budget, and what returns DVC's options for arguments."""
        self._budget = budget
        self._options = options
        self._texts: dict[str, Text] = {}

    def fill(self, value: Any, scope: Scope, allowed: Allowed, where: str) -> Any:  # noqa: ANN401  # whatever YAML holds
        """Return a value with its templates filled in, those in keys too.

        Raises:
            UndecidedError: a template is malformed, or names nothing, or what may not stand there.
        """
        if isinstance(value, str):
            return self._fill_text(value, scope, allowed, where)
        self._budget.spend(0)
        if isinstance(value, dict):
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
        if isinstance(value, dict):
            return as_arguments(value, self._options(), spend=self._budget.spend, where=where)
        if isinstance(value, list):
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
        if isinstance(filled, dict | list) or (allowed is Allowed.STAGES and self.is_exact(key)):
            raise UndecidedError(
                f"the key {read.shown(key)}",
                where=where,
                expected="a key that is more text than the one template",
            )
        return filled

    def _fill_text(self, text: str, scope: Scope, allowed: Allowed, where: str) -> Any:  # noqa: ANN401  # a template's value
        taken = self._taken_apart(text, where) if "${" in text else None
        if taken is None:
            self._budget.spend(len(text))
            return text
        if taken.is_exact:
            value = _value(taken.templates[0], scope, allowed, where)
            self._budget.spend(len(value) if isinstance(value, str) else 0)
            return value
        parts, size = [taken.lead], taken.plain
        for template in taken.templates:
            value = _value(template, scope, allowed, where)
            word = value if isinstance(value, str) else self.spell(value, where)
            parts += (word, template.after)
            size += len(word)
        self._budget.spend(size)
        return "".join(parts).replace(_ESCAPED, "${")

    def _taken_apart(self, text: str, where: str) -> Text:
        taken = self._texts.get(text)
        if taken is None:
            taken = self._texts[text] = take_apart(text, where)
        return taken

    def _weigh(self, value: object) -> None:
        """Count what a list holds before it is spelled: aliases can make it endless."""
        self._budget.spend(len(value) if isinstance(value, str) else 0)
        if isinstance(value, dict | list):
            for item in (*value, *value.values()) if isinstance(value, dict) else value:
                self._weigh(item)


def _value(template: Template, scope: Scope, allowed: Allowed, where: str) -> Any:  # noqa: ANN401  # whatever it is
    """Return what a template names; a mapping or list only where DVC takes one."""
    value = scope.find(template.steps)
    if value is _ABSENT:
        raise UndecidedError(
            f"nothing is called ${{{template.name[:80]}}}",
            where=where,
            expected="a value of `vars:`, its files or params.yaml"
            + (", `item` or `key`" if scope.own else ""),
        )
    if isinstance(value, dict | list) and (
        allowed is Allowed.SCALAR or (allowed is Allowed.ARGUMENTS and isinstance(value, list))
    ):
        raise UndecidedError(
            f"${{{template.name[:80]}}} is a {'list' if isinstance(value, list) else 'mapping'}",
            where=where,
            expected=allowed.value,
            hint="name one value inside it, such as ${name.key} or ${name[0]}",
        )
    return value
