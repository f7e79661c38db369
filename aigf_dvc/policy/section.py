"""Typed readers of one mapping in a policy; they collect every problem instead of the first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from aigf_dvc.close_names import close_names
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import Document, Path

Choice = TypeVar("Choice", bound=StrEnum)
Default = TypeVar("Default")

_DAY = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PERIOD = lazy_pattern(r"([1-9][0-9]{0,4})([dw])\Z")
_SHOWN = 40
_MOST_SHOWN = 50  # problems of one file


class Problems:
    """What is wrong in one document, each with its line and column."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.found: list[InputError] = []

    def add(self, path: Path, found: str, expected: str, hint: str = "") -> None:
        """Note one problem at the value with this path."""
        where = self.place(path)
        self.found.append(InputError(found, where=where, expected=expected, hint=hint))

    def include(self, others: "Problems") -> None:
        """Note what is wrong in another document, too."""
        self.found.extend(others.found)

    def place(self, path: Path) -> str:
        """Return `file:line:column` of the value at a path, or of its nearest parent."""
        return self._document.place(*path, column=True)

    def raise_any(self) -> None:
        """Raise one error that names every problem, if there is any.

        Raises:
            InputError: at least one problem was noted.
        """
        if self.found:
            raise_together(self.found, where=self._document.where)


def raise_together(problems: Sequence[InputError], *, where: str) -> NoReturn:
    """Raise one error that names every problem.

    Raises:
        InputError: always.
    """
    if len(problems) == 1:
        raise problems[0]
    lines = [f"{p}; {p.hint}" if p.hint else str(p) for p in problems[:_MOST_SHOWN]]
    more = len(problems) - len(lines)
    lines += [f"and {more} more"] if more else []
    raise InputError("\n  ".join([f"{len(problems)} problems:", *lines]), where=where)


class Section:
    """One mapping of a document. Each reader notes what is wrong and returns a stand-in."""

    def __init__(self, value: Mapping[str, Any], path: Path, problems: Problems) -> None:
        self._value = value  # Any: plain values of any type, checked by each reader
        self.path = path
        self._problems = problems
        self._known: set[str] = set()

    def refuse(self, key: str | None, found: str, expected: str, hint: str = "") -> None:
        """Note a problem with a key, or (None) with the section itself."""
        path = self.path if key is None else (*self.path, key)
        self._problems.add(path, found, expected, hint)

    def place(self, key: str) -> str:
        """Return `file:line:column` of a key, or of what is nearest to it."""
        return self._problems.place((*self.path, key))

    def finish(self) -> None:
        """Refuse every key that no reader asked for."""
        for key in self._value:
            if key not in self._known:
                close = close_names(key, self._known)
                self.refuse(
                    key,
                    f"the unknown key `{key}`",
                    f"one of {', '.join(sorted(self._known))}",
                    f"did you mean `{close[0]}`?" if close else "",
                )

    def section(self, key: str) -> "Section | None":
        """Return a mapping below this one, which may not be empty, or None when it is absent."""
        self._known.add(key)
        value = self._value.get(key)
        if isinstance(value, dict) and value:
            return Section(value, (*self.path, key), self._problems)
        if key in self._value:
            self._wrong(key, "a mapping of names to values")
        return None

    def sections(self, key: str) -> "list[Section]":
        """Return the mappings in a list, which is demanded and may not be empty."""
        self._known.add(key)
        value = self._value.get(key)
        if not isinstance(value, list) or not value:
            self._wrong(key, "a list of mappings")
            return []
        found = []
        for index, item in enumerate(value):
            path = (*self.path, key, index)
            if isinstance(item, dict):
                found.append(Section(item, path, self._problems))
            else:
                self._problems.add(path, f"`{key}` has {shown(item)}", "a mapping")
        return found

    def know(self, keys: Iterable[str]) -> None:
        """Take keys for known, whether they are there or not."""
        self._known.update(keys)

    def names(self) -> tuple[str, ...]:
        """Return the keys that are there."""
        return tuple(self._value)

    def has(self, key: str) -> bool:
        """Tell whether a key is there."""
        self._known.add(key)
        return key in self._value

    def is_text(self, key: str) -> bool:
        """Tell whether a key holds a text, where it may hold a mapping too."""
        self._known.add(key)
        return isinstance(self._value.get(key), str)

    def value(self, key: str) -> object:
        """Return a value of any form, or None when the key is absent."""
        self._known.add(key)
        return self._value.get(key)

    def text(self, key: str, *, default: str | None = None) -> str:
        """Return a text that says something; without a default it is demanded."""
        self._known.add(key)
        if key not in self._value and default is not None:
            return default
        value = self._value.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        quoted = isinstance(value, int | Decimal) and not isinstance(value, bool)
        hint = f'write it in quotes: {key}: "{value}"' if quoted else ""
        self._wrong(key, "text", hint)
        return ""

    def word(self, key: str, *, default: str | None = None) -> str:
        """Return a text as it is written: one with blanks around it is another word."""
        text = self.text(key, default=default)
        if text and text != self._value.get(key, default):
            self.refuse(key, f"blanks around {shown(text)}", f"`{text}` alone")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of different texts, which is demanded and may not be empty."""
        self._known.add(key)
        value = self._value.get(key)
        if not isinstance(value, list) or not value:
            self._wrong(key, "a list of texts")
            return ()
        if not all(isinstance(item, str) and item.strip() for item in value):
            self._wrong(key, "only texts in the list")
            return ()
        if len(set(value)) < len(value):
            twice, _ = Counter(value).most_common(1)[0]
            self.refuse(key, f"{twice!r} stands twice in `{key}`", "each text once")
        return tuple(item.strip() for item in value)

    def scalars(self, key: str) -> tuple[object, ...]:
        """Return a list of booleans, numbers and texts; none when the key is absent."""
        self._known.add(key)
        value = self._value.get(key)
        if isinstance(value, list) and value:
            if all(isinstance(item, bool | int | Decimal | str) for item in value):
                return tuple(value)
        elif key not in self._value:
            return ()
        self._wrong(key, "a list of texts, numbers, true or false")
        return ()

    def number(self, key: str) -> Decimal | None:
        """Return a number, or None when the key is absent."""
        self._known.add(key)
        value = self._value.get(key)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        if key in self._value:
            hint = "write it without quotes" if isinstance(value, str) else ""
            self._wrong(key, "a number", hint)
        return None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false; the default when the key is absent."""
        self._known.add(key)
        value = self._value.get(key, default)
        if isinstance(value, bool):
            return value
        self._wrong(key, "true or false")
        return default

    def day(self, key: str) -> date | None:
        """Return a day, or None when the key is absent."""
        self._known.add(key)
        value = self._value.get(key)
        if isinstance(value, str) and _DAY.match(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass  # such as 2026-02-30: refused below
        if key in self._value:
            self._wrong(key, "a day such as 2026-12-24")
        return None

    def days(self, key: str) -> int | None:
        """Return a period in days, or None when the key is absent."""
        self._known.add(key)
        value = self._value.get(key)
        match = _PERIOD.match(value) if isinstance(value, str) else None
        if match:
            return int(match[1]) * (7 if match[2] == "w" else 1)
        if key in self._value:
            self._wrong(key, "days or weeks, such as 90d or 26w")
        return None

    def choice(self, key: str, options: type[Choice], default: Default) -> Choice | Default:
        """Return one of a closed set of words, or the default when the key is absent."""
        self._known.add(key)
        if key not in self._value:
            return default
        value = self._value[key]
        found = _among(value, options)
        if found is None:
            self._wrong(key, _one_of(options), _meant(value, options))
            return default
        return found

    def choices(
        self, key: str, options: type[Choice], default: tuple[Choice, ...]
    ) -> tuple[Choice, ...]:
        """Return a list of words of a closed set, or the default when the key is absent."""
        self._known.add(key)
        if key not in self._value:
            return default
        value = self._value[key]
        if not isinstance(value, list) or not value:
            self._wrong(key, f"a list such as [{', '.join(options)}]")
            return default
        found: list[Choice] = []
        for item in value:
            option = _among(item, options)
            if option is None:
                self.refuse(
                    key,
                    f"`{key}` names {shown(item)}",
                    _one_of(options),
                    _meant(item, options),
                )
            else:
                found.append(option)
        return tuple(found) or default

    def _wrong(self, key: str, expected: str, hint: str = "") -> None:
        if key in self._value:
            self.refuse(key, f"`{key}` is {shown(self._value[key])}", expected, hint)
        else:
            self.refuse(key, f"there is no `{key}`", f"`{key}:` with {expected}", hint)


def shown(value: object) -> str:
    """Return a value as a message names it."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SHOWN else f'"{value[:_SHOWN]}…"'
    if isinstance(value, list | dict):
        name = "list" if isinstance(value, list) else "mapping"
        return f"a {name}" if value else f"an empty {name}"
    return str(value)


def _among(value: object, options: type[Choice]) -> Choice | None:
    try:
        return options(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _one_of(options: type[StrEnum]) -> str:
    return f"one of {', '.join(options)}"


def _meant(value: object, options: type[StrEnum]) -> str:
    close = close_names(value, options) if isinstance(value, str) else []
    return f"did you mean `{close[0]}`?" if close else ""
