"""Makes what others wrote harmless to show: names and reasons come from repositories we judge."""

import unicodedata
from collections.abc import Iterator

# Control, format (bidi overrides, zero-width), surrogate, private, unassigned; line and paragraph.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 8  # on one letter; a hundred of them paint over the lines above and below
_ELLIPSIS = "…"


def visible(text: str) -> str:
    r"""Return a text of one line in which every hidden character is written as `\u202e` is."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text))


def _shown(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        hidden = category in _HIDDEN or marks > _MOST_MARKS
        yield _coded(character) if hidden else character


def _coded(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # one plane


def cells(text: str) -> int:
    """Return how many columns a text takes in a font of fixed width."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shortened(text: str, width: int) -> str:
    """Return a text cut in its middle to at most `width` columns: both ends of a path tell most."""
    if cells(text) <= width:
        return text
    room = max(width - 1, 0)
    end = "".join(reversed(tuple(_fitting(reversed(text), (room * 3) // 5))))
    start = "".join(_fitting(iter(text), room - cells(end)))
    return f"{start}{_ELLIPSIS}{end}"


def clipped(text: str, width: int) -> str:
    """Return a text cut at its end to at most `width` columns."""
    if cells(text) <= width:
        return text
    return "".join(_fitting(iter(text), max(width - 1, 0))) + _ELLIPSIS


def _fitting(text: Iterator[str], room: int) -> Iterator[str]:
    for character in text:
        room -= _cells_of(character)
        if room < 0:
            return
        yield character
