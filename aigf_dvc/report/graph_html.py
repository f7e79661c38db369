"""The lineage graph as one HTML page that asks the network for nothing.

Its content security policy lets only its own script and style in, by their hashes. Names from the
repository stand in it as escaped text, or as JSON that cannot end its element.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from string import Template

from msgspec import Struct

from aigf_dvc.canonical import as_json
from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.report.graph_json import graph_as_json
from aigf_dvc.report.graph_picture import Picture
from aigf_dvc.report.graph_svg import LEVELS, bar, drawing, escaped, mark
from aigf_dvc.report.graph_words import MEANINGS, summary, title

_MARGIN = 30
# JSON may hold these only as escapes, so that no text ends the script or starts a comment in it.
_IN_SCRIPT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


class Page(Struct, frozen=True, kw_only=True):
    """The parts of the page that every graph shares, from the folder `templates/graph`."""

    skeleton: str  # page.html
    picture_style: str  # picture.css
    page_style: str  # page.css
    script: str  # page.js


def graph_html(graph: LineageGraph, picture: Picture, *, page: Page) -> str:
    """Return the whole page."""
    style = f"\n{page.picture_style}{page.page_style}"
    script = f"\n{page.script}"
    width, height = picture.width + 2 * _MARGIN, picture.height + 2 * _MARGIN
    note = "; so large that its layout is a simple one" if picture.simple else ""
    return Template(page.skeleton).substitute(
        policy=f"default-src 'none'; script-src '{hash_source(script)}'; "
        f"style-src '{hash_source(style)}'; base-uri 'none'; form-action 'none'",
        title=escaped(title(graph)),
        summary=escaped(summary(graph) + note),
        style=style,
        script=script,
        viewbox=f"{-_MARGIN} {-_MARGIN} {width:g} {height:g}",
        picture="\n".join(drawing(picture)),
        legend="\n".join(legend()),
        data=_data(graph),
    )


def hash_source(text: str) -> str:
    """Return the source expression of a text. See: https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _data(graph: LineageGraph) -> str:
    text = json.dumps(as_json(graph_as_json(graph)), ensure_ascii=True, separators=(",", ":"))
    return text.translate(_IN_SCRIPT)


def legend() -> Iterator[str]:
    """Yield a list of what the marks, lines and bars mean."""
    yield '<ul class="signs">'
    for state, meaning in MEANINGS.items():
        sign = f'{mark(state, 9, 9)}<path class="line {state}" d="M22 9h28"/>'
        yield _sign(sign, f"{state}: {meaning}")
    for level, meaning in LEVELS.items():
        yield _sign(bar(level, 9, 2, 14), meaning)
    yield "</ul>"


def _sign(drawn: str, meaning: str) -> str:
    return (
        f'<li><svg viewBox="0 0 52 18" width="52" height="18" aria-hidden="true">{drawn}</svg>'
        f"<span>{escaped(meaning)}</span></li>"
    )
