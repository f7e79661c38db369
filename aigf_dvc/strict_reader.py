"""Builds the value of a small YAML document from libyaml's events, refusing what is ambiguous.

A policy of a thousand rules is read on every push, so the loop over the events is kept short.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import yaml

from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern

Path: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 16
MAX_NODES = 20_000

_INTEGER = lazy_pattern(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_NUMBER = lazy_pattern(r"[-+]?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][-+]?[0-9]{1,3})?\Z")
_ODD_NUMBER = lazy_pattern(
    r"[-+]?(\.inf|\.nan|0[xob]?[0-9a-f_]+|\.[0-9]+|[0-9]+\.)\Z", re.IGNORECASE
)
_FIRST_OF_NUMBER = frozenset("+-.0123456789")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_AMBIGUOUS = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
_LONGEST_WORD = max(map(len, _AMBIGUOUS))
_NO_MARK = yaml.Mark("", 0, 0, 0, None, 0)


class Places(Mapping[Path, int]):
    """Where each part of a document stands: its line, or its column; counted when asked."""

    def __init__(self, marks: Mapping[Path, Any], name: str, first: int) -> None:
        """Take libyaml's marks, which of their numbers is meant, and what that counts from."""
        self._marks = marks
        self._name = name
        self._first = first

    def __getitem__(self, path: Path) -> int:
        number: int = getattr(self._marks[path], self._name)
        return number + self._first

    def __contains__(self, path: object) -> bool:
        return path in self._marks

    def __iter__(self) -> Iterator[Path]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)


class _Level:
    """An open mapping or sequence while it is read."""

    __slots__ = ("is_mapping", "key", "path", "value")

    def __init__(self, value: Any, path: Path) -> None:  # noqa: ANN401  # a dict or a list
        self.value = value
        self.is_mapping = isinstance(value, dict)
        self.path = path
        self.key: str | None = None


class StrictReader:
    """Builds one value from YAML events, refusing whatever could mean two things."""

    def __init__(self, where: str, first_line: int, *, columns: bool) -> None:
        """Take the file's name, the line at which its text starts, and what messages name."""
        self._marks: dict[Path, Any] = {}  # Any: libyaml has marks of its own type
        self._where = where
        self._names_columns = columns
        self._first_line = first_line
        self._open: list[_Level] = []
        self._roots: list[Any] = []

    def value(self) -> Any:  # noqa: ANN401  # whatever the document says
        """Return the value of the document."""
        return self._roots[0] if self._roots else None

    def lines(self) -> Places:
        """Return the line of each part."""
        return Places(self._marks, "line", self._first_line)

    def columns(self) -> Places:
        """Return the column of each part, from 1."""
        return Places(self._marks, "column", 1)

    def read(self, text: str) -> None:
        """Read a text.

        Raises:
            InputError: it could mean two things, or is too deep or too large.
            yaml.YAMLError: it is not YAML.
        """
        takes: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._demand_plain,
            yaml.DocumentStartEvent: self._document,
        }
        loader, count = yaml.CSafeLoader(text), 0
        while (event := loader.get_event()) is not None:
            count += 1
            if count > MAX_NODES:
                raise self._refuse(event, "too many values", f"at most {MAX_NODES}")
            take = takes.get(type(event))
            if take is not None:
                take(event)

    def _refuse(self, event: yaml.Event, found: str, expected: str, hint: str = "") -> InputError:
        mark = event.start_mark or _NO_MARK
        place = f"{self._where}:{mark.line + self._first_line}"
        place += f":{mark.column + 1}" if self._names_columns else ""
        return InputError(found, where=place, expected=expected, hint=hint)

    def _document(self, event: yaml.Event) -> None:
        if self._roots:
            raise self._refuse(event, "a second document", "one document in a file")

    def _demand_plain(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refuse(event, "a YAML anchor or alias", "values written out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self._refuse(event, f"the YAML tag {tag}", "values without tags")

    def _start(self, event: yaml.NodeEvent) -> None:
        self._demand_plain(event)
        if len(self._open) >= MAX_DEPTH:
            raise self._refuse(event, "nested too deep", f"at most {MAX_DEPTH} levels")
        path: Path = ()
        if self._open:
            level = self._open[-1]
            if level.is_mapping and level.key is None:
                raise self._refuse(event, "a mapping or list as a key", "text as keys")
            path = (*level.path, len(level.value) if level.key is None else level.key)
        self._marks.setdefault(path, event.start_mark)  # in a mapping, that of its key stays
        self._open.append(_Level({} if isinstance(event, yaml.MappingStartEvent) else [], path))

    def _end(self, _event: yaml.Event) -> None:
        value = self._open.pop().value
        level = self._open[-1] if self._open else None
        if level is None:
            self._roots.append(value)
        elif level.is_mapping:
            level.value[level.key] = value
            level.key = None
        else:
            level.value.append(value)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.anchor is not None or event.tag is not None:
            self._demand_plain(event)
        value = event.value if event.style else self._plain(event)
        level = self._open[-1] if self._open else None
        if level is None:
            self._roots.append(value)
        elif not level.is_mapping:
            self._marks[*level.path, len(level.value)] = event.start_mark
            level.value.append(value)
        elif level.key is None:
            level.key = self._key(level.value, value, event)
            self._marks[*level.path, level.key] = event.start_mark
        else:
            level.value[level.key] = value
            level.key = None

    def _key(self, mapping: dict[str, Any], key: object, event: yaml.Event) -> str:
        if not isinstance(key, str):
            hint = f"write '{key}' in quotes"
            raise self._refuse(event, f"the key {key!r}", "text as keys", hint)
        if key == "<<":
            raise self._refuse(event, "a YAML merge key", "values written out")
        if key in mapping:
            raise self._refuse(event, f"the key {key!r} for the second time", "each key once")
        return key

    def _plain(self, event: yaml.ScalarEvent) -> bool | int | Decimal | str | None:
        """Return the value of a scalar without quotes."""
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _FIRST_OF_NUMBER:
            if len(text) <= _LONGEST_WORD and text.lower() in _AMBIGUOUS:
                wanted = "true, false, null or quoted text"
                raise self._refuse(event, f"the ambiguous word {text}", wanted)
            return text
        if _INTEGER.match(text):
            return int(text)
        if _NUMBER.match(text):
            return Decimal(text)
        if _ODD_NUMBER.match(text):
            wanted = "a plain decimal or quoted text"
            raise self._refuse(event, f"the number form {text[:40]}", wanted)
        return text
