"""The boxes and lines of a lineage graph, with their texts, sizes and places; not yet drawn.

Stages and data are boxes. Code and parameter files are rows in the boxes of the stages that read
them: as boxes of their own they would hide the way from data to model.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.evidence.graph import (
    GraphArtifact,
    GraphParameter,
    GraphStage,
    LineageGraph,
    Link,
    worst,
)
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState, TrustLevel
from aigf_dvc.report.graph_layers import Pair
from aigf_dvc.report.graph_layout import Layout, Point, lay_out, turned
from aigf_dvc.report.graph_words import (
    IN_STAGE,
    details,
    origin,
    parameters_text,
    stage_problem,
)
from aigf_dvc.report.visible import cells, clipped, shortened, visible

CELL = 7.25  # the width of a character of the names, in a 12 pixel font of fixed width
SMALL_CELL = 6.05  # and of the smaller texts, 10 pixels
LINE = 16.0
HEAD = 40.0  # a box without rows
_PADDING = 48.0  # left of the text: the sign of the box; right of it: the mark of its state
_NAME_CELLS = 30
_SMALL_CELLS = 42
_DIGITS = 8  # of a digest: to tell versions apart at a glance
_NARROWEST = 150.0
_ROWS = 6
_BOTH_WAYS = 200  # more boxes than this fit no window either way
_WINDOW = (1_000.0, 750.0)
_INPUT = 7.0  # the room of one line at the left side of a box
_INPUTS = 60


class Row(Struct, frozen=True, kw_only=True):
    """One line in a stage's box: code, parameters, or what is wrong."""

    sign: str  # "code", "parameters", "problem" or "more"
    text: str
    state: EdgeState


class Box(Struct, frozen=True, kw_only=True):
    """One stage or artifact."""

    key: str  # `stage-3`, `artifact-0`: by its place in the graph
    kind: str  # a role, or "stage"
    name: str
    full_name: str
    small: str  # the line below the name
    state: EdgeState
    level: TrustLevel | None  # None: an artifact
    rows: tuple[Row, ...] = ()

    @property
    def size(self) -> Point:
        """The width and height that the texts need."""
        names = cells(self.name) * CELL
        smalls = [self.small, *(row.text for row in self.rows)]
        width = max(names, *(cells(text) * SMALL_CELL for text in smalls)) + _PADDING
        return round(max(width, _NARROWEST) + 12, 1), HEAD + LINE * len(self.rows)


class Placed(Struct, frozen=True, kw_only=True):
    """A box, and where it stands."""

    box: Box
    corner: Point  # its top left
    size: Point


class Line(Struct, frozen=True, kw_only=True):
    """One link between two boxes."""

    key: str
    source: str  # the key of a box
    target: str
    state: EdgeState
    reason: str
    part: bool = False  # no link of a stage: one artifact holds the other
    points: tuple[Point, ...] = ()


class Picture(Struct, frozen=True, kw_only=True):
    """All boxes with their places, and all lines with theirs."""

    boxes: tuple[Placed, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    upright: bool  # data at the top, not at the left
    simple: bool  # too large for the better layout


def picture(graph: LineageGraph) -> Picture:
    """Return a graph's boxes and lines, laid out."""
    keys = _Keys(graph)
    boxes = [
        *(_stage(keys.stages[stage.address], stage, keys.rows) for stage in graph.stages),
        *(
            _artifact(keys.artifacts[artifact.name], artifact)
            for artifact in graph.artifacts
            if artifact.name not in keys.in_stages
        ),
    ]
    lines = list(_lines(graph, keys))
    number = {box.key: position for position, box in enumerate(boxes)}
    pairs = [(number[line.source], number[line.target]) for line in lines]
    layout, sizes, upright = _better(boxes, pairs)
    return Picture(
        boxes=tuple(
            Placed(box=box, corner=corner, size=size)
            for box, corner, size in zip(boxes, layout.corners, sizes, strict=True)
        ),
        lines=tuple(
            replace(line, points=points) for line, points in zip(lines, layout.routes, strict=True)
        ),
        width=layout.width,
        height=layout.height,
        upright=upright,
        simple=layout.simple,
    )


def _better(boxes: Sequence[Box], pairs: Sequence[Pair]) -> tuple[Layout, list[Point], bool]:
    """Lay out from left to right or from top to bottom, whichever can be shown larger."""
    inputs = Counter(target for _, target in pairs)
    sizes = [
        (box.size[0], max(box.size[1], _INPUT * (min(inputs[n], _INPUTS) + 2)))
        for n, box in enumerate(boxes)
    ]
    level = lay_out(sizes, pairs)
    if len(boxes) > _BOTH_WAYS:
        return level, sizes, False
    plain = [box.size for box in boxes]
    upright = turned(lay_out([(height, width) for width, height in plain], pairs))
    if _scale(upright) > _scale(level):
        return upright, plain, True
    return level, sizes, False


def _scale(layout: Layout) -> float:
    """Return how large a picture can be shown in a window of a usual shape."""
    return min(_WINDOW[0] / max(layout.width, 1.0), _WINDOW[1] / max(layout.height, 1.0), 1.0)


class _Keys:
    """What is where: the key of each stage and artifact, and the links that become rows."""

    def __init__(self, graph: LineageGraph) -> None:
        self.stages = {s.address: f"stage-{n}" for n, s in enumerate(graph.stages)}
        self.artifacts = {a.name: f"artifact-{n}" for n, a in enumerate(graph.artifacts)}
        linked = {link.artifact for link in graph.links if link.kind is not EdgeKind.OUTPUT}
        linked -= {link.artifact for link in graph.links if link.kind is EdgeKind.OUTPUT}
        linked -= {name for part in graph.parts for name in (part.made, part.read)}
        self.in_stages = frozenset(
            a.name for a in graph.artifacts if a.role in IN_STAGE and a.name in linked
        )
        self.rows: dict[str, list[Link]] = {}
        for link in graph.links:
            if link.artifact in self.in_stages:
                self.rows.setdefault(link.stage, []).append(link)


def _stage(key: str, stage: GraphStage, rows: Mapping[str, Sequence[Link]]) -> Box:
    name = visible(stage.address)
    frozen = " · frozen" if stage.frozen else ""
    return Box(
        key=key,
        kind="stage",
        name=shortened(name, _NAME_CELLS),
        full_name=name,
        small=f"{stage.trust.level} · {stage.state}{frozen}",
        state=stage.state,
        level=stage.trust.level,
        rows=_cut(list(_rows(stage, rows.get(stage.address, ())))),
    )


def _rows(stage: GraphStage, links: Iterable[Link]) -> Iterable[Row]:
    problem = stage_problem(stage)
    if problem:
        yield Row(sign="problem", text=clipped(problem, _SMALL_CELLS), state=stage.command_state)
    for link in sorted(links, key=lambda x: (x.state.is_sound, x.kind.value, x.artifact)):
        name = visible(link.artifact)
        if link.kind is EdgeKind.PARAMETER:
            used = [p for p in stage.parameters if p.file == link.artifact]
            text = clipped(f"{shortened(name, 20)}: {_values(used)}", _SMALL_CELLS)
            yield Row(sign="parameters", text=text, state=link.state)
        else:
            yield Row(sign="code", text=shortened(name, _SMALL_CELLS), state=link.state)


def _values(parameters: Sequence[GraphParameter]) -> str:
    """Return the values, the ones that differ first; only the last part of their names."""
    differing = sorted(parameters, key=lambda p: p.state.is_sound)
    return parameters_text(replace(p, key=p.key.rpartition(".")[2]) for p in differing)


def _cut(rows: list[Row]) -> tuple[Row, ...]:
    if len(rows) <= _ROWS:
        return tuple(rows)
    rest = rows[_ROWS - 1 :]
    state = worst(row.state for row in rest)
    return (*rows[: _ROWS - 1], Row(sign="more", text=f"and {len(rest)} more", state=state))


def _artifact(key: str, artifact: GraphArtifact) -> Box:
    name = visible(artifact.name)
    return Box(
        key=key,
        kind=artifact.role.value,
        name=shortened(name or ".", _NAME_CELLS),
        full_name=name,
        small=clipped(origin(artifact) or details(artifact, digits=_DIGITS), _SMALL_CELLS),
        state=artifact.state,
        level=None,
    )


def _lines(graph: LineageGraph, keys: _Keys) -> Iterable[Line]:
    for number, link in enumerate(graph.links):
        if link.artifact not in keys.in_stages:
            stage, artifact = keys.stages[link.stage], keys.artifacts[link.artifact]
            made = link.kind is EdgeKind.OUTPUT
            yield Line(
                key=f"link-{number}",
                source=stage if made else artifact,
                target=artifact if made else stage,
                state=link.state,
                reason=visible(link.reason),
            )
    for number, part in enumerate(graph.parts):
        yield Line(
            key=f"part-{number}",
            source=keys.artifacts[part.made],
            target=keys.artifacts[part.read],
            state=EdgeState.VERIFIED,
            reason=f"{visible(part.read)} and {visible(part.made)}: one holds the other",
            part=True,
        )
