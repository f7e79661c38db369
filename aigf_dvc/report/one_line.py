"""Keeps a text that others wrote on its line: a file name can hold a line break."""

from collections.abc import Iterable

_BREAKS = str.maketrans(
    {c: ascii(c)[1:-1] for c in "\n\r\v\f\x1c\x1d\x1e\x85\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"}
)


def one_line(text: str) -> str:
    """Return a text with its line breaks made visible."""
    return text.translate(_BREAKS)


def as_lines(lines: Iterable[str]) -> str:
    """Return some texts as one line each."""
    return "\n".join(map(one_line, lines))
