"""The lineage graph in Graphviz's DOT.

See: https://graphviz.org/doc/info/lang.html and https://graphviz.org/docs/attr-types/escString/
"""

from collections.abc import Iterator

from aigf_dvc.evidence.graph import GraphArtifact, GraphStage, LineageGraph, Role
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState, TrustLevel
from aigf_dvc.report.graph_words import MARKS, details, origin, title
from aigf_dvc.report.visible import visible

_SHAPES = {
    Role.MODEL: "box3d",
    Role.DATASET: "cylinder",
    Role.IMPORTED: "cylinder",
    Role.EXTERNAL: "cds",
    Role.CODE: "note",
    Role.PARAMETERS: "tab",
    Role.INTERMEDIATE: "ellipse",
    Role.METRICS: "parallelogram",
    Role.PLOTS: "parallelogram",
}
_LINKS = {
    EdgeState.VERIFIED: 'color="#007a5a"',
    EdgeState.RECORDED: 'color="#0072b2", style="dashed"',
    EdgeState.MISMATCHED: 'color="#d55e00", style="bold", penwidth="2.5"',
    EdgeState.MISSING: 'color="#d55e00", style="dotted", penwidth="2.5"',
}
_LEVELS = {
    TrustLevel.DECLARED: 'style="dashed"',
    TrustLevel.OBSERVED: 'style="solid", penwidth="2"',
    TrustLevel.REPRODUCED: 'style="solid", penwidth="2", peripheries="2"',
}
# A backslash starts an escape, an ampersand an HTML entity.
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;", "<": "&lt;", ">": "&gt;"})


def graph_dot(graph: LineageGraph) -> str:
    """Return a directed graph."""
    return "\n".join((*_lines(graph), ""))


def _lines(graph: LineageGraph) -> Iterator[str]:
    stages = {stage.address: f"s{n}" for n, stage in enumerate(graph.stages)}
    artifacts = {artifact.name: f"a{n}" for n, artifact in enumerate(graph.artifacts)}
    yield "digraph lineage {"
    yield f'  graph [rankdir="LR", label="{_text(title(graph))}", labelloc="t"];'
    yield '  node [fontname="monospace", fontsize="10"];'
    for stage in graph.stages:
        yield f"  {stages[stage.address]} [{_stage(stage)}];"
    for artifact in graph.artifacts:
        yield f"  {artifacts[artifact.name]} [{_artifact(artifact)}];"
    for link in graph.links:
        ends = artifacts[link.artifact], stages[link.stage]
        source, target = reversed(ends) if link.kind is EdgeKind.OUTPUT else ends
        hint = _text(f"{link.state}: {link.reason}")
        mark = "" if link.state.is_sound else f', label="{MARKS[link.state]}"'
        yield f'  {source} -> {target} [{_LINKS[link.state]}, tooltip="{hint}"{mark}];'
    for part in graph.parts:
        made, read = artifacts[part.made], artifacts[part.read]
        yield f'  {made} -> {read} [color="#8c959f", style="dotted", label="part"];'
    yield "}"


def _stage(stage: GraphStage) -> str:
    label = f"{_text(stage.address)}\\n{stage.trust.level} {MARKS[stage.state]} {stage.state}"
    commands = _text(" && ".join(stage.commands))
    return f'shape="box", label="{label}", tooltip="{commands}", {_LEVELS[stage.trust.level]}'


def _artifact(artifact: GraphArtifact) -> str:
    label = f"{_text(artifact.name)}\\n{_text(origin(artifact) or details(artifact, digits=8))}"
    hint = _text(f"{artifact.state}: {artifact.reason}")
    return f'shape="{_SHAPES[artifact.role]}", label="{label}", tooltip="{hint}"'


def _text(text: str) -> str:
    return visible(text).translate(_ESCAPES)
