"""The lineage graph as SVG: for a file of its own, and for the page."""

from collections.abc import Iterator
from itertools import pairwise

from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.evidence.lineage import EdgeState, TrustLevel
from aigf_dvc.report.graph_layout import Point
from aigf_dvc.report.graph_picture import (
    CELL,
    HEAD,
    LINE,
    SMALL_CELL,
    Line,
    Picture,
    Placed,
    Row,
)
from aigf_dvc.report.graph_words import MEANINGS, summary, title
from aigf_dvc.report.visible import cells

_MARGIN = 24.0
_TITLE = 56.0
_LEGEND = 60.0
_RADIUS = 6.5
_ARROW = 8.0
_MARK_BACK = 19.0  # from the tip of an arrow to its mark
_TEXT = 32.0  # left edge of a box's texts
_NARROWEST = 860.0

# In a square of 16, its middle at 0.
_SIGNS = {
    "model": '<path class="sign" d="M0-7 6-3.5v7L0 7-6 3.5v-7zM-6-3.5 0 0 6-3.5M0 0v7"/>',
    "dataset": (
        '<path class="sign" d="M-6-4.5c0-3 12-3 12 0s-12 3-12 0v9c0 3 12 3 12 0v-9'
        'M-6 0c0 3 12 3 12 0"/>'
    ),
    "imported": '<path class="sign" d="M-6 1v5H6V1M0-7v9M-3.5-1.5 0 2 3.5-1.5"/>',
    "external": '<path class="sign" d="M1-6h5v5M6-6 0 0M-2-5h-4V6H5V2"/>',
    "code": '<path class="sign" d="M-3-4-7 0l4 4M3-4 7 0 3 4M1-5.5-1 5.5"/>',
    "parameters": (
        '<path class="sign" d="M-6-4H6M-6 0H6M-6 4H6"/>'
        '<path class="filled" d="M1-6h3v4H1zM-4-2h3v4h-3zM0 2h3v4H0z"/>'
    ),
    "intermediate": '<path class="sign" d="M-5-6.5h7l3 3v10H-5zM2-6.5v3h3"/>',
    "metrics": '<path class="sign" d="M-6-6V6H6M-2.5 6V1M1 6v-8M4.5 6v-5"/>',
    "plots": '<path class="sign" d="M-6-6V6H6M-4 3-1-1l3 2 4-6"/>',
    "stage": '<path class="filled" d="M-4-6 6 0-4 6z"/>',
    "more": '<path class="filled" d="M-6-1h2v2h-2zM-1-1h2v2h-2zM4-1h2v2H4z"/>',
    "problem": '<path class="sign" d="M0-6.5 7 6H-7zM0-2v4M0 4v.2"/>',
}
_MARKS = {
    EdgeState.VERIFIED: '<path d="M-3 0-1 2.5 3-2.5"/>',
    EdgeState.RECORDED: '<path d="M-2.5 0h5"/>',
    EdgeState.MISMATCHED: '<path d="M-2.5-2.5 2.5 2.5M2.5-2.5-2.5 2.5"/>',
    EdgeState.MISSING: '<path d="M-1.8-1.6c0-3 3.8-2.4 3.6-.2C1.7-.6 0-.7 0 .9M0 3.1v.1"/>',
}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escaped(text: str) -> str:
    """Return a visible text for XML and HTML, between tags or in a quoted attribute."""
    return text.translate(_ESCAPES)


def graph_svg(graph: LineageGraph, picture: Picture, *, style: str) -> str:
    """Return a whole SVG file.

    Args:
        graph: what the picture is of, for its title.
        picture: its boxes and lines.
        style: `picture.css`.
    """
    width = max(picture.width, _NARROWEST) + 2 * _MARGIN
    height = picture.height + 2 * _MARGIN + _TITLE + _LEGEND
    note = "; so large that its layout is a simple one" if picture.simple else ""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_number(width)}"'
            f' height="{_number(height)}" viewBox="0 0 {_number(width)} {_number(height)}"'
            ' role="img" aria-labelledby="title">',
            f'<title id="title">{escaped(title(graph))}</title>',
            f"<style>\n{style}</style>",
            f'<rect class="paper" width="{_number(width)}" height="{_number(height)}"/>',
            f'<text class="heading" x="{_number(_MARGIN)}" y="34">{escaped(title(graph))}</text>',
            f'<text class="small" x="{_number(_MARGIN)}" y="54">'
            f"{escaped(summary(graph) + note)}</text>",
            f'<g transform="translate({_number(_MARGIN)} {_number(_MARGIN + _TITLE)})">',
            *drawing(picture),
            "</g>",
            *_legend(picture.height + _MARGIN + _TITLE + 40),
            "</svg>\n",
        ]
    )


def drawing(picture: Picture) -> Iterator[str]:
    """Yield the lines, then the boxes; sound lines below, so that none hides another's trouble."""
    for line in sorted(picture.lines, key=lambda line: (not line.part, not line.state.is_sound)):
        yield from _line(line, upright=picture.upright)
    for placed in picture.boxes:
        yield from _box(placed)


def _line(line: Line, *, upright: bool) -> Iterator[str]:
    kind = "part" if line.part else line.state.value
    (x, y), before = line.points[-1], line.points[-2]
    along = (0, 1 if y >= before[1] else -1) if upright else (1 if x >= before[0] else -1, 0)
    tip, seen = _back((x, y), along, _ARROW), _back((x, y), along, _MARK_BACK)
    side = (along[1] * 4, along[0] * 4)
    back = _back((x, y), along, _ARROW + 1)
    corners = (_at(back[0] + side[0], back[1] + side[1]), _at(back[0] - side[0], back[1] - side[1]))
    yield (
        f'<g class="link" data-key="{line.key}" data-source="{line.source}"'
        f' data-target="{line.target}"><title>{escaped(f"{line.state}: {line.reason}")}</title>'
        f'<path class="line {kind}" d="{_path((*line.points[:-1], tip), upright=upright)}"/>'
        f'<path class="head {kind}" d="M{_at(x, y)}L{corners[0]} {corners[1]}z"/>'
    )
    if not line.state.is_sound:
        yield mark(line.state, *seen)
    yield "</g>"


def _back(point: Point, along: tuple[int, int], distance: float) -> Point:
    return point[0] - along[0] * distance, point[1] - along[1] * distance


def _path(points: tuple[Point, ...], *, upright: bool) -> str:
    """Return straight lines, and curves that start and end as straight: within a gap of columns."""
    parts = [f"M{_at(*points[0])}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        if upright:
            middle = (y0 + y1) / 2
            curve = f"C{_at(x0, middle)} {_at(x1, middle)} {_at(x1, y1)}"
            parts.append(f"V{_number(y1)}" if x0 == x1 else curve)
        else:
            middle = (x0 + x1) / 2
            curve = f"C{_at(middle, y0)} {_at(middle, y1)} {_at(x1, y1)}"
            parts.append(f"H{_number(x1)}" if y0 == y1 else curve)
    return "".join(parts)


def _box(placed: Placed) -> Iterator[str]:
    box, (width, height) = placed.box, placed.size
    label = f"{box.kind} {box.full_name}: {box.small}"
    yield (
        f'<g class="box {box.kind} {box.state}" data-key="{box.key}"'
        f' aria-label="{escaped(label)}" transform="translate({_at(*placed.corner)})">'
        f"<title>{escaped(label)}</title>"
    )
    radius = 4 if box.kind == "stage" else 14
    yield f'<rect class="body" width="{_number(width)}" height="{_number(height)}" rx="{radius}"/>'
    if box.level is not None:
        yield bar(box.level, 3, 4, height - 8)
    top = (height - box.size[1]) / 2  # in the middle of a box that its lines made taller
    yield f'<g transform="translate(18 {_number(top + HEAD / 2)})">{_SIGNS[box.kind]}</g>'
    yield _text(box.name, "name", _TEXT, top + 17)
    yield _text(box.small, "small", _TEXT, top + 31)
    yield mark(box.state, width - 13, top + HEAD / 2 - 6)
    for number, row in enumerate(box.rows):
        yield from _row(row, top + HEAD + LINE * number)
    yield "</g>"


def _row(row: Row, top: float) -> Iterator[str]:
    bad = "" if row.state.is_sound else " row-bad"
    yield f'<g transform="translate(18 {_number(top + 6)}) scale(.7)">{_SIGNS[row.sign]}</g>'
    yield _text(row.text, f"small{bad}", _TEXT, top + 9.5)


def _text(text: str, kind: str, x: float, y: float) -> str:
    """Return a text of exactly the width that its box was made for, whatever the font."""
    cell = CELL if kind == "name" else SMALL_CELL
    length = f' textLength="{_number(cells(text) * cell)}" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<text class="{kind}" x="{_number(x)}" y="{_number(y)}"{length if text else ""}>'
        f"{escaped(text)}</text>"
    )


def bar(level: TrustLevel, x: float, y: float, height: float) -> str:
    """Return the upright bar that tells a trust level: broken, whole, or double."""
    way = f'd="M{_at(x, y)}v{_number(height)}"/>'
    inner = f'<path class="bar-inner" {way}' if level is TrustLevel.REPRODUCED else ""
    return f'<path class="bar-{level}" {way}{inner}'


def mark(state: EdgeState, x: float, y: float) -> str:
    """Return the round mark of a state, its middle at a point."""
    return (
        f'<g class="mark mark-{state}" transform="translate({_at(x, y)})">'
        f'<circle r="{_RADIUS}"/>{_MARKS[state]}</g>'
    )


def _legend(top: float) -> Iterator[str]:
    """Yield what marks, lines and bars mean, in two rows."""
    x = _MARGIN
    for state, meaning in MEANINGS.items():
        yield mark(state, x + 7, top - 4)
        yield f'<path class="line {state}" d="M{_at(x + 18, top - 4)}h30"/>'
        text = f"{state}: {meaning}"
        yield _text(text, "small", x + 54, top)
        x += 54 + cells(text) * SMALL_CELL + 24
    x = _MARGIN
    for level in TrustLevel:
        yield bar(level, x + 3, top + 12, 14)
        text = LEVELS[level]
        yield _text(text, "small", x + 14, top + 22)
        x += 14 + cells(text) * SMALL_CELL + 24


LEVELS = {
    TrustLevel.DECLARED: "declared: a lock file says so",
    TrustLevel.OBSERVED: "observed: the run was recorded",
    TrustLevel.REPRODUCED: "reproduced: run again with the same result",
}


def _at(x: float, y: float) -> str:
    return f"{_number(x)} {_number(y)}"


def _number(value: float) -> str:
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{round(value, 1)}"  # noqa: PLR2004
