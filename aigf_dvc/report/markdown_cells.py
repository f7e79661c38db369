"""Writes what others wrote into a cell of a Markdown table: it stays text, whatever it is.

Hidden characters are made visible; what could end the cell, begin HTML, code, a link or emphasis,
or look like one of our marks becomes a character reference: Markdown never takes it for structure.
See: CommonMark 0.31, section 2.5
"""

import re
from collections.abc import Iterable, Iterator

from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.report.visible import visible

_LONGEST = 200
_REFERENCES = {ord(c): f"&#{ord(c)};" for c in "&<>|`*[]~\\$"}
_UNDERSCORE = lazy_pattern(
    r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"
)  # between letters it is only itself
_ADDRESS = lazy_pattern(r"://|(?<![0-9A-Za-z])www\.", re.IGNORECASE)  # GitHub makes links of them
_MENTION = lazy_pattern(r"@(?=[0-9A-Za-z])")  # and of addresses of mail


def cell(text: str) -> str:
    """Return a text of any content as one cell, cut to 200 characters."""
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    safe = visible(text).translate(_REFERENCES)
    safe = _UNDERSCORE.sub("&#95;", safe)
    safe = _ADDRESS.sub(lambda match: match.group()[:-1] + f"&#{ord(match.group()[-1])};", safe)
    return _MENTION.sub("&#64;", safe).strip()


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table of texts of any content."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"
