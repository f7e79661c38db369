"""Texts of others for Markdown as GitHub and GitLab show it: they stay text, whatever they hold.

See: https://github.github.com/gfm/
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.report.visible import visible

_SPECIAL = lazy_pattern(r"[\\`*_{}\[\]<>#!|~$&]")
# What is looked for in the text that is already rendered, where no backslash helps: mentions,
# issues, addresses, emoji. A zero-width space ends the word, as Dependabot does it.
_LOOKED_FOR = lazy_pattern(r"@|#(?=\w)|:(?=//|[\w+-]+:)|(?i:www(?=\.))")
_BREAK = "&#8203;"


def text(value: str) -> str:
    """Return a text of one line that no Markdown reader takes for markup, a link or a mention."""
    broken = _LOOKED_FOR.sub(lambda found: f"{found[0]}\0", visible(value))
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", broken).replace("\0", _BREAK)


def code(value: str) -> str:
    """Return a text of one line as a code span; not for cells, where `|` would end it.

    See: https://github.github.com/gfm/#code-spans
    """
    shown = visible(value) or " "
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    room = " " if longest or shown != shown.strip() else ""
    return f"{fence}{room}{shown}{room}{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; its cells are Markdown already."""
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
