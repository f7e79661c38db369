"""Places the boxes of a graph from left to right; the home of grandalf, which orders the columns.

The same boxes and links give the same places. What holds for every graph, whatever its shape:
no two boxes overlap, and no line runs through a box.

See: https://github.com/bdcht/grandalf
"""

import sys
from collections.abc import Iterable, Iterator, Sequence

from grandalf.graphs import Edge, Vertex, graph_core  # type: ignore[import-untyped]
from grandalf.layouts import Layer, SugiyamaLayout, VertexViewer  # type: ignore[import-untyped]
from msgspec import Struct

from aigf_dvc.report.graph_layers import Layers, Pair, cut, pulled, swept

LARGE = 3_000
"""With more boxes, bends and links than this in one connected part, grandalf takes too long."""

_ROW = 20.0  # between two boxes of a column
_BEND = 12.0  # the room of a line that passes a column
_COLUMN = 48.0  # between two columns, and more where lines climb far
_CLIMB = 0.08
_WIDEST_COLUMN = 360.0
_PORT = 16.0  # between two lines that end at one box
_PART = 40.0  # between two connected parts
_GRID = 1_200.0  # boxes without a link stand in rows of this width
_ROUNDS = 3.0
_SWEEPS = 24
_PULLS = 9

Point = tuple[float, float]


class Layout(Struct, frozen=True, kw_only=True):
    """Where everything stands; x to the right, y down."""

    corners: tuple[Point, ...]  # the top left corner of each box
    routes: tuple[tuple[Point, ...], ...]  # of each link: level lines, and bends between them
    width: float
    height: float
    simple: bool  # a part was too large for grandalf


def lay_out(sizes: Sequence[Point], links: Sequence[Pair]) -> Layout:
    """Place boxes so that links lead from left to right.

    Args:
        sizes: the width and height of each box.
        links: from box to box, by number; none from a box to itself.
    """
    corners: list[Point] = [(0.0, 0.0)] * len(sizes)
    routes: list[tuple[Point, ...]] = [()] * len(links)
    width, top, simple = 0.0, 0.0, False
    alone = []
    for boxes, its_links in _connected(len(sizes), links):
        if len(boxes) == 1:
            alone.extend(boxes)
            continue
        part = _Part([sizes[box] for box in boxes], _renumbered(boxes, links, its_links))
        for box, (x, y) in zip(boxes, part.corners(), strict=True):
            corners[box] = (x, y + top)
        for link, route in zip(its_links, part.routes(), strict=True):
            routes[link] = tuple((x, y + top) for x, y in route)
        width, top = max(width, part.width), top + part.height + _PART
        simple = simple or part.simple
    for box, corner in _grid(alone, sizes, max(width, _GRID), top):
        corners[box] = corner
    bottoms = (y + h for (_, y), (_, h) in zip(corners, sizes, strict=True))
    rights = (x + w for (x, _), (w, _) in zip(corners, sizes, strict=True))
    return Layout(
        corners=tuple(corners),
        routes=tuple(routes),
        width=max(rights, default=0.0),
        height=max(*bottoms, top - _PART, 0.0),
        simple=simple,
    )


def turned(layout: Layout) -> Layout:
    """Return a layout from top to bottom, made from one of boxes that lie on their sides."""
    return Layout(
        corners=tuple((y, x) for x, y in layout.corners),
        routes=tuple(tuple((y, x) for x, y in route) for route in layout.routes),
        width=layout.height,
        height=layout.width,
        simple=layout.simple,
    )


def _connected(boxes: int, links: Sequence[Pair]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the boxes and the links of each connected part, by number; in the boxes' order."""
    near: list[list[tuple[int, int]]] = [[] for _ in range(boxes)]  # (other box, link)
    for number, (source, target) in enumerate(links):
        near[source].append((target, number))
        near[target].append((source, number))
    seen = set[int]()
    for start in range(boxes):
        if start in seen:
            continue
        seen.add(start)
        part = [start]
        for box in part:  # grows on the way
            fresh = dict.fromkeys(other for other, _ in near[box] if other not in seen)
            seen.update(fresh)
            part.extend(fresh)
        yield sorted(part), sorted({number for box in part for _, number in near[box]})


def _renumbered(boxes: Sequence[int], links: Sequence[Pair], chosen: Iterable[int]) -> list[Pair]:
    number = {box: position for position, box in enumerate(boxes)}
    return [(number[links[link][0]], number[links[link][1]]) for link in chosen]


def _straightened(points: Sequence[Point]) -> Iterator[Point]:
    """Yield the points without those in the middle of a level line."""
    yield points[0]
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        if not before[1] == point[1] == after[1]:
            yield point
    yield points[-1]


def _grid(
    boxes: Iterable[int], sizes: Sequence[Point], width: float, top: float
) -> Iterator[tuple[int, Point]]:
    x, tallest = 0.0, 0.0
    for box in boxes:
        if x and x + sizes[box][0] > width:
            x, top, tallest = 0.0, top + tallest + _ROW, 0.0
        yield box, (x, top)
        x += sizes[box][0] + _ROW
        tallest = max(tallest, sizes[box][1])


class _Part:
    """One connected part of the graph."""

    def __init__(self, sizes: Sequence[Point], links: Sequence[Pair]) -> None:
        self._sizes = sizes
        self._layers = cut(len(sizes), links)
        slots = len(self._layers.before)
        self._room = [
            (sizes[slot][1] + _ROW if slot < len(sizes) else _BEND) for slot in range(slots)
        ]
        placed = None if slots + len(links) > LARGE else _with_grandalf(self._layers, self._room)
        self.simple = placed is None
        wanted = swept(self._layers, self._room, rounds=_SWEEPS) if placed is None else placed
        self._columns = tuple(
            tuple(sorted(column, key=wanted.__getitem__)) for column in self._layers.columns
        )
        middles = pulled(self._layers, self._columns, wanted, self._room, rounds=_PULLS)
        top = min(m - r / 2 for m, r in zip(middles, self._room, strict=True))
        self._middles = [round(middle - top, 1) for middle in middles]
        self._lefts, self._widths = self._across()
        self.width = self._lefts[-1] + self._widths[-1]
        self.height = max(m + r / 2 for m, r in zip(self._middles, self._room, strict=True))

    def _across(self) -> tuple[list[float], list[float]]:
        """Return the left edge and the width of each column."""
        lefts, widths, x = [], [], 0.0
        for column in self._columns:
            width = max((self._sizes[s][0] for s in column if s < len(self._sizes)), default=0.0)
            climbs = (
                abs(self._middles[slot] - self._middles[other])
                for slot in column
                for other in self._layers.after[slot]
            )
            lefts.append(x)
            widths.append(width)
            x += width + min(_COLUMN + _CLIMB * max(climbs, default=0.0), _WIDEST_COLUMN)
        return [round(left, 1) for left in lefts], widths

    def corners(self) -> Iterator[Point]:
        """Yield the top left corner of each box."""
        column_of = {s: number for number, column in enumerate(self._columns) for s in column}
        for box, (_, height) in enumerate(self._sizes):
            yield self._lefts[column_of[box]], round(self._middles[box] - height / 2, 1)

    def routes(self) -> Iterator[tuple[Point, ...]]:
        """Yield the points of each link."""
        column_of = {s: number for number, column in enumerate(self._columns) for s in column}
        ports = self._ports()
        for path in self._layers.paths:
            backwards = column_of[path[0]] > column_of[path[-1]]
            ahead = path[::-1] if backwards else path
            points: list[Point] = []
            for previous, slot in zip((None, *ahead), ahead, strict=False):
                left = self._lefts[column_of[slot]]
                right = left + self._widths[column_of[slot]]
                middle = self._middles[slot]
                if slot == ahead[0]:
                    points += [(left + self._sizes[slot][0], middle), (right, middle)]
                elif slot == ahead[-1]:
                    points.append((left, middle + ports[previous, slot]))
                else:
                    points += [(left, middle), (right, middle)]
            yield tuple(_straightened(points[::-1] if backwards else points))

    def _ports(self) -> dict[tuple[int | None, int], float]:
        """Return how far from a box's middle each line ends there, so that they do not meet."""
        found: dict[tuple[int | None, int], float] = {}
        for box, (_, height) in enumerate(self._sizes):
            others = sorted(self._layers.before[box], key=self._middles.__getitem__)
            step = min(_PORT, (height - _PORT) / max(len(others) - 1, 1))
            for position, other in enumerate(others):
                found[other, box] = round((position - (len(others) - 1) / 2) * step, 1)
        return found


class _Bend(Vertex):  # type: ignore[misc]  # grandalf has no types
    """A slot that a line passes through; grandalf keeps lines straight over such slots."""

    def inner(self, direction: int) -> bool:
        """Tell whether the line goes on over another bend."""
        return any(isinstance(other, _Bend) for other in self.N(direction))


def _with_grandalf(layers: Layers, room: Sequence[float]) -> list[float] | None:
    """Return where each slot wants to stand; None when grandalf gives up."""
    vertices = [Vertex(slot) if slot < layers.boxes else _Bend(slot) for slot in range(len(room))]
    for vertex, size in zip(vertices, room, strict=True):
        vertex.view = VertexViewer(w=size, h=1)
    layout = SugiyamaLayout(_core(vertices, layers))
    layout.xspace = 0
    layout.alt_e = []  # no link to turn round: that is done
    for number, column in enumerate(layers.columns):
        layout.layers.append(Layer(vertices[slot] for slot in column))
        for slot in column:
            layout.grx[vertices[slot]].rank = number
            layout.grx[vertices[slot]].dummy = int(slot >= layers.boxes)
    for layer in layout.layers:
        layer.setup(layout)
    layout.initdone = True
    limit = sys.getrecursionlimit()
    try:
        layout.draw(_ROUNDS)
    except RecursionError:
        return None
    finally:
        sys.setrecursionlimit(limit)  # grandalf raises it
    return [float(vertex.view.xy[0]) for vertex in vertices]


def _core(vertices: Sequence[Vertex], layers: Layers) -> graph_core:
    """Return grandalf's graph. It takes a link only when it has one of the ends already."""
    core = graph_core([vertices[0]])
    known, waiting, done = {0}, [0], set[Pair]()
    for slot in waiting:  # grows on the way
        pairs = [(slot, other) for other in layers.after[slot]]
        pairs += [(other, slot) for other in layers.before[slot]]
        for source, target in pairs:
            if (source, target) not in done:
                done.add((source, target))
                core.add_edge(Edge(vertices[source], vertices[target]))
            fresh = [end for end in (source, target) if end not in known]
            known.update(fresh)
            waiting.extend(fresh)
    return core
