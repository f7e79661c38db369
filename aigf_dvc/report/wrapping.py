"""Breaks texts into lines of a width, counted in columns: a Chinese character takes two."""

from collections.abc import Iterator

from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.report.visible import cells, clipped, visible

NARROWEST = 20  # columns; less room than this is not worth keeping to
_COMMAND = lazy_pattern(r"`[^`]{1,40}`")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def wrapped(text: str, width: int, *, first: str = "", others: str = "") -> list[str]:
    """Return a text as lines of at most `width` columns, hidden characters made visible.

    A short command in backticks stays on one line where it fits; a word that is longer than a
    line is broken.

    Args:
        text: one paragraph; its line breaks count as spaces.
        width: the columns of a line.
        first: what the first line starts with.
        others: what the other lines start with.
    """
    room = max(width - max(cells(first), cells(others)), NARROWEST)
    lines = list(_lines(_words(text, room), room)) or [""]
    return [
        (others if number else first) + line.replace(_NO_BREAK, " ")
        for number, line in enumerate(lines)
    ]


def _words(text: str, room: int) -> Iterator[str]:
    plain = visible(" ".join(text.split()))
    joined = _COMMAND.sub(
        lambda found: found[0].replace(" ", _NO_BREAK) if cells(found[0]) <= room else found[0],
        plain,
    )
    for word in joined.split(" "):
        rest = word
        while cells(rest) > room:
            part = clipped(rest, room)[:-1] or rest[0]
            yield part
            rest = rest[len(part) :]
        yield rest


def _lines(words: Iterator[str], room: int) -> Iterator[str]:
    line = ""
    for word in words:
        if line and cells(line) + 1 + cells(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield line
