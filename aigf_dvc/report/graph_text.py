"""The lineage graph as a tree for the terminal: from the model down to raw data.

Each stage is shown once; where it is met again, the line says so. What would lead too far to the
right continues in a tree of its own.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from aigf_dvc.evidence.graph import GraphArtifact, GraphStage, LineageGraph, Link, Role
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState
from aigf_dvc.report.graph_layers import columns_of, without_circles
from aigf_dvc.report.graph_words import (
    MARKS,
    MEANINGS,
    details,
    links_of,
    origin,
    parameters_text,
    stage_problem,
    summary,
    title,
)
from aigf_dvc.report.visible import cells, clipped, visible

_WIDEST_INDENT = 40  # columns
_ROLES_IN_ORDER = tuple(Role)
_OTHER_OUTS = 3


class _Style(StrEnum):
    """Colours by the numbers of ECMA-48, section 8.3.117."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    CYAN = "36"


_STATE_STYLES = {
    EdgeState.VERIFIED: _Style.GREEN,
    EdgeState.RECORDED: _Style.CYAN,
    EdgeState.MISMATCHED: _Style.RED,
    EdgeState.MISSING: _Style.RED,
}
_Segments = list[tuple[str, _Style]]


def graph_text(graph: LineageGraph, *, color: bool, width: int | None) -> str:
    """Return the tree, and below it what the marks mean.

    Args:
        graph: the graph.
        color: whether to colour it.
        width: the columns of the terminal; None: lines of any length.
    """
    page = _Page(color=color, width=width)
    tree = _Tree(graph, indent=_WIDEST_INDENT if width is None else min(_WIDEST_INDENT, width // 2))
    lines = [page.line([(title(graph), _Style.BOLD)]), ""]
    lines += [page.line(segments) for segments in tree.lines()]
    lines += ["", page.line([(summary(graph), _Style.PLAIN)])]
    for state in dict.fromkeys(link.state for link in graph.links):
        lines.append(page.line([_mark(state), (f"{state}: {MEANINGS[state]}", _Style.DIM)]))
    return "\n".join(lines) + "\n"


class _Page:
    """Writes lines that fit."""

    def __init__(self, *, color: bool, width: int | None) -> None:
        self._color = color
        self._width = width

    def line(self, segments: _Segments) -> str:
        room = self._width
        parts = []
        for text, style in segments:
            kept = text if room is None else clipped(text, room)
            room = None if room is None else max(room - cells(text), 0)
            parts.append(self._paint(kept, style))
            if room == 0:
                break
        return "".join(parts).rstrip()

    def _paint(self, text: str, style: _Style) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and style and text else text


class _Tree:
    """The lines of the tree."""

    def __init__(self, graph: LineageGraph, *, indent: int) -> None:
        self._graph = graph
        self._indent = indent
        self._stages = {stage.address: stage for stage in graph.stages}
        self._artifacts = {artifact.name: artifact for artifact in graph.artifacts}
        self._inputs = links_of(graph.links, EdgeKind.INPUT)
        self._outputs = links_of(graph.links, EdgeKind.OUTPUT)
        self._files = links_of(graph.links, EdgeKind.PARAMETER)
        self._makers = _makers(graph)
        self._shown = set[str]()
        self._later: list[str] = []  # stages whose own tree is still to come

    def lines(self) -> Iterator[_Segments]:
        read = {link.artifact for link in self._graph.links if link.kind is not EdgeKind.OUTPUT}
        read |= {part.made for part in self._graph.parts}
        models = [a for a in self._graph.artifacts if a.role is Role.MODEL and a.models]
        ends = [a for a in self._graph.artifacts if a.name not in read and a not in models]
        depths = self._depths()
        ends.sort(key=lambda a: -max((depths[m] for m in self._makers.get(a.name, ())), default=-1))
        for artifact in (*models, *ends):
            yield from self._root(artifact)
        for stage in self._graph.stages:  # in a circle, or without an output
            if stage.address not in self._shown:
                yield from self._stage(stage, "", "")
                yield from self._continued()

    def _depths(self) -> Mapping[str, int]:
        """Return how many stages, one after the other, lead to each stage."""
        number = {address: n for n, address in enumerate(self._stages)}
        links = [
            (number[maker], number[address])
            for address, inputs in self._inputs.items()
            for link in inputs
            for maker in self._makers.get(link.artifact, ())
            if maker != address
        ]
        return dict(
            zip(number, columns_of(len(number), without_circles(len(number), links)), strict=True)
        )

    def _root(self, artifact: GraphArtifact) -> Iterator[_Segments]:
        yield [
            _mark(artifact.state),
            *_artifact(artifact, artifact.state, artifact.reason),
            (self._shown_above(artifact.name), _Style.DIM),
        ]
        yield from self._made_by(artifact.name, "")
        yield from self._continued()

    def _continued(self) -> Iterator[_Segments]:
        while self._later:
            address = self._later.pop(0)
            if address not in self._shown:
                yield []
                yield from self._stage(self._stages[address], "", "")

    def _made_by(self, name: str, indent: str) -> Iterator[_Segments]:
        makers = [maker for maker in self._makers.get(name, ()) if maker not in self._shown]
        for position, address in enumerate(makers):
            last = position == len(makers) - 1
            stage = self._stages[address]
            lead = indent + _branch(last=last)
            if len(indent) < self._indent:
                yield from self._stage(stage, lead, indent + _trunk(last=last))
            else:
                self._later.append(address)
                below = ("  continued below", _Style.DIM)
                name = visible(address)
                yield [_mark(stage.state), (lead, _Style.DIM), (name, _Style.BOLD), below]

    def _stage(self, stage: GraphStage, lead: str, indent: str) -> Iterator[_Segments]:
        self._shown.add(stage.address)
        problem = stage_problem(stage)
        yield [
            _mark(stage.state), (lead, _Style.DIM), (visible(stage.address), _Style.BOLD),
            (f"  {stage.trust.level}", _Style.PLAIN), (self._others(stage, indent), _Style.DIM),
            (f"  {problem}", _Style.RED) if problem else ("", _Style.PLAIN),
        ]  # fmt: skip
        links = sorted(self._inputs.get(stage.address, ()), key=self._order)
        links += self._files.get(stage.address, [])
        for position, link in enumerate(links):
            last = position == len(links) - 1
            yield [
                _mark(link.state),
                (indent + _branch(last=last), _Style.DIM),
                *self._input(stage, link),
                (self._shown_above(link.artifact), _Style.DIM),
            ]
            yield from self._made_by(link.artifact, indent + _trunk(last=last))

    def _order(self, link: Link) -> tuple[bool, int, str]:
        role = self._artifacts[link.artifact].role
        return link.artifact not in self._makers, _ROLES_IN_ORDER.index(role), link.artifact

    def _input(self, stage: GraphStage, link: Link) -> _Segments:
        if link.kind is EdgeKind.PARAMETER:
            values = parameters_text(p for p in stage.parameters if p.file == link.artifact)
            name = (visible(link.artifact), _Style.PLAIN)
            return [name, *_why(link.state, link.reason), (f"  {values}", _Style.DIM)]
        return _artifact(self._artifacts[link.artifact], link.state, link.reason)

    def _shown_above(self, name: str) -> str:
        above = [visible(maker) for maker in self._makers.get(name, ()) if maker in self._shown]
        return f"  ↑ {', '.join(above)}" if above else ""

    def _others(self, stage: GraphStage, indent: str) -> str:
        """Return what a stage makes, beside what led here."""
        outs = [visible(link.artifact) for link in self._outputs.get(stage.address, ())]
        if len(outs) < (2 if indent else 1):
            return ""
        more = f" and {len(outs) - _OTHER_OUTS} more" if len(outs) > _OTHER_OUTS else ""
        return f"  makes {', '.join(outs[:_OTHER_OUTS])}{more}"


def _makers(graph: LineageGraph) -> Mapping[str, tuple[str, ...]]:
    """Return the stages that make each artifact, or what holds it, or what it holds."""
    found: dict[str, tuple[str, ...]] = {}
    for link in graph.links:
        if link.kind is EdgeKind.OUTPUT:
            found[link.artifact] = (*found.get(link.artifact, ()), link.stage)
    for part in graph.parts:
        makers = (m for m in found.get(part.made, ()) if m not in found.get(part.read, ()))
        found[part.read] = (*found.get(part.read, ()), *makers)
    return {name: makers for name, makers in found.items() if makers}


def _artifact(artifact: GraphArtifact, state: EdgeState, reason: str) -> _Segments:
    came = origin(artifact)
    return [
        (visible(artifact.name), _Style.PLAIN),
        *_why(state, reason),
        (f"  {details(artifact)}{f' · {came}' if came else ''}", _Style.DIM),
    ]


def _why(state: EdgeState, reason: str) -> _Segments:
    return [] if state.is_sound else [(f"  {visible(reason)}", _Style.RED)]


def _mark(state: EdgeState) -> tuple[str, _Style]:
    return f"{MARKS[state]} ", _STATE_STYLES[state]


def _branch(*, last: bool) -> str:
    return "└ " if last else "├ "


def _trunk(*, last: bool) -> str:
    return "  " if last else "│ "
