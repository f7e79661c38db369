"""A fast reader of the block YAML that DVC writes, and that people mostly write by hand.

It reads block mappings and lists a line at a time: plain scalars, those in quotes without escapes,
flow lists and mappings of a few words, comments. A text with one line of any other form, or with
anything that is not sure to be right, is not read at all: the reader in `strict_yaml` reads it,
and says what is wrong. So every refusal is that reader's, and every value equals that reader's.
"""

import math
from typing import TypeAlias

from aigf_dvc import yaml_scalars
from aigf_dvc.lazy_pattern import lazy_pattern

Block: TypeAlias = dict[str, object] | list[object]

_MAX_DEPTH = 40
_SHORT = 40  # characters; longer scalars seldom stand twice
_MOST_KNOWN = 10_000
_LONGEST = 10_000  # characters of a plain scalar over several lines, which is built line by line

# Where many parts are counted below, it is to bound what Python's matcher must remember.
_NOT = r"\x00-\x1f\x7f"  # control characters: no text of YAML has them
_FIRST = rf"(?:[^{_NOT} \-?:,\[\]{{}}\#&*!|>'\"%@`]|-(?=[^{_NOT} ]))"
_MORE = rf"[^{_NOT}:\#]"  # what may end a scalar is looked at one by one
_PLAIN = rf"{_FIRST}{_MORE}*(?:(?::(?![ \n])|(?<! )\#){_MORE}*){{0,100}}(?<! )"
_FOLD = rf"\n ++(?=[^{_NOT} ])"
_IN_1 = rf"[^{_NOT}']*"
_IN_2 = rf"[^{_NOT}\"\\]*"
_QUOTED = (
    rf"'{_IN_1}(?:(?:''|{_FOLD}){_IN_1}){{0,1000}}'"
    rf"|\"{_IN_2}(?:(?:\\[ nt\"\\]|\\?{_FOLD}){_IN_2}){{0,1000}}\""
)
_KEY = rf"[^{_NOT} \-?:,\[\]{{}}\#&*!|>'\"%@`][^{_NOT} :\#'\"]{{0,127}}"
_WORD = r"-?[A-Za-z0-9_.][A-Za-z0-9_./+-]*"
_PAIR = rf"{_WORD}: {_WORD}"
_FLOW = rf"\[(?:{_WORD}(?:, {_WORD}){{0,100}})?\]|\{{(?:{_PAIR}(?:, {_PAIR}){{0,100}})?\}}"
# Nothing here can be matched in two ways, so that no text makes it slow. Last: any other character.
_LINE = lazy_pattern(
    rf"( *+)(- ++)?(?:({_KEY}):(?=[ \n]))?(?: *+({_PLAIN}|{_QUOTED}|{_FLOW}))?"
    rf" *+((?<![^ \n])\#[^{_NOT}]*)?\n|([^\n]|\n)"
)


class _OtherFormError(Exception):
    """Something is of a form that is not read here."""


def read_block(text: str) -> Block | None:
    """Return the value of a text, or None when any of it has another form."""
    if not text.isascii() and not all(c.isalnum() for c in set(text) if c > "~"):
        return None  # there are line breaks and marks among the other characters of Unicode
    reader = _Reader()
    try:
        for match in _LINE.finditer(text if text.endswith("\n") else f"{text}\n"):
            indent, dash, key, scalar, comment, other = match.groups()
            if other is not None:
                return None
            reader.take(len(indent), dash, key, scalar)
            if comment is not None:
                reader.continues = None
    except (_OtherFormError, ValueError):
        return None
    return reader.root


class _Reader:
    """The collections that are open after a line."""

    __slots__ = ("_around", "_column", "_key", "_top", "continues", "root")

    def __init__(self) -> None:
        self.root: Block | None = None
        self._top: Block = {"": None}  # the innermost
        self._column = -1  # of its keys or dashes
        self._around: list[tuple[int, Block]] = []
        self._key: str | None = ""  # the key that has no value yet
        self.continues: str | None = None  # the plain scalar that the next line may continue

    def take(self, column: int, dash: str | None, key: str | None, scalar: str | None) -> None:
        """Take one line."""
        if dash is not None:
            self._go_to_list(column)
            if key is None:
                self._add_item(scalar)
                return
            column += len(dash)
            self._open({}, column)
        elif key is None:
            self._go_on(column, scalar)
            return
        elif column != self._column or self._top.__class__ is list:
            self._go_to_mapping(column)
        self._add_key(key, scalar)

    def _go_to_mapping(self, column: int) -> None:
        """Leave what ends before a key at a column, or enter the mapping that begins with it."""
        if column > self._column and self._key is not None:
            self._open({}, column)
            return
        while column < self._column or (column == self._column and self._top.__class__ is list):
            self._column, self._top = self._around.pop()
        if column != self._column:
            raise _OtherFormError

    def _go_to_list(self, column: int) -> None:
        """Leave what ends before a dash at a column, or enter the list that begins with it."""
        if column >= self._column and self._key is not None:
            self._open([], column)  # a list may stand as far left as its key
            return
        while column < self._column:
            self._column, self._top = self._around.pop()
        if column != self._column or self._top.__class__ is not list:
            raise _OtherFormError
        self._key = None

    def _open(self, value: Block, column: int) -> None:
        top = self._top
        if len(self._around) > _MAX_DEPTH:
            raise _OtherFormError
        if isinstance(top, list):
            top.append(value)
        elif self.root is None:
            self.root = value
        elif self._key is not None:
            top[self._key] = value
        self._around.append((self._column, top))
        self._column, self._top, self._key = column, value, None

    def _add_key(self, key: str, scalar: str | None) -> None:
        top = self._top
        if key in top or isinstance(top, list) or yaml_scalars.tag_of(key) != yaml_scalars.TEXT:
            raise _OtherFormError
        if scalar is None:
            top[key], self._key, self.continues = None, key, None
        else:
            top[key], self._key = self._value(scalar), None

    def _add_item(self, scalar: str | None) -> None:
        if scalar is None or not isinstance(self._top, list):
            raise _OtherFormError
        self._top.append(self._value(scalar))

    def _value(self, scalar: str) -> object:
        self.continues = None
        first = scalar[0]
        if first in "'\"":
            return _quoted(scalar)
        if first in "[{":
            return _flow(scalar)
        self.continues = scalar
        return _plain(scalar)

    def _go_on(self, column: int, scalar: str | None) -> None:
        """Take a blank line or a comment, a value below its key, or more of a plain scalar."""
        if scalar is None:
            self.continues = None
            return
        if column <= self._column:
            raise _OtherFormError
        if self._key is None:
            before = self.continues
            if before is None or len(before) > _LONGEST or scalar[0] in "'\"[{":
                raise _OtherFormError
            scalar = f"{before} {scalar}"
        top = self._top
        value = self._value(scalar)
        if isinstance(top, list):
            top[-1] = value
        else:
            top[next(reversed(top))] = value
        self._key = None


_known: dict[str, object] = {}  # values of plain scalars: the same few words stand everywhere


def _plain(text: str) -> object:
    """Return the value of a plain scalar."""
    if text in _known:
        return _known[text]
    value = _new_plain(text)
    is_nan = isinstance(value, float) and math.isnan(
        value
    )  # one object would equal itself in lists
    if len(text) < _SHORT and len(_known) < _MOST_KNOWN and not is_nan:
        _known[text] = value
    return value


def _new_plain(text: str) -> object:
    match yaml_scalars.tag_of(text):
        case yaml_scalars.TEXT:
            return text
        case yaml_scalars.INTEGER:
            return yaml_scalars.integer(text)
        case yaml_scalars.FLOAT:
            return yaml_scalars.decimal(text)
        case yaml_scalars.BOOLEAN:
            return text.lower() == "true"
        case yaml_scalars.NOTHING:
            return None
        case _:  # a date, a merge
            raise _OtherFormError


_FOLDED = lazy_pattern(r" *\n *")
_ESCAPED = lazy_pattern(r"\\(\n *|.)| *\n *")
_ESCAPES = {" ": " ", "n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def _quoted(text: str) -> str:
    """Return the value of a scalar in quotes, whose lines are folded into one."""
    inner = text[1:-1]
    if text[0] == "'":
        return _FOLDED.sub(" ", inner).replace("''", "'")
    return _ESCAPED.sub(lambda m: " " if m[1] is None else _ESCAPES.get(m[1], ""), inner)


def _flow(text: str) -> Block:
    """Return a list or a mapping of a few words in brackets."""
    items = text[1:-1].split(", ") if len(text) > len("[]") else []
    if text[0] == "[":
        return [_plain(item) for item in items]
    found: dict[str, object] = {}
    for item in items:
        key, _, value = item.partition(": ")
        if key in found or yaml_scalars.tag_of(key) != yaml_scalars.TEXT:
            raise _OtherFormError
        found[key] = _plain(value)
    return found
