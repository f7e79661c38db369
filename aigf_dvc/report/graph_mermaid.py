"""The lineage graph as a Mermaid flowchart, for Markdown that shows Mermaid.

See: https://mermaid.js.org/syntax/flowchart.html
"""

import re
from collections.abc import Iterator

from aigf_dvc.evidence.graph import GraphArtifact, GraphStage, LineageGraph, Role
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.report.graph_words import MARKS, details, title
from aigf_dvc.report.visible import visible

MOST_LINKS = 500  # Mermaid's own default; a page may allow more with `maxEdges`
_UNSAFE = lazy_pattern(r"[^\w ./@:,+=()…·✔○✘?-]", re.ASCII)
_SHAPES = {
    Role.MODEL: ("{{", "}}"),
    Role.DATASET: ("[(", ")]"),
    Role.IMPORTED: ("[(", ")]"),
    Role.EXTERNAL: (">", "]"),
    Role.METRICS: ("[/", "/]"),
    Role.PLOTS: ("[/", "/]"),
}
_ARROWS = {
    EdgeState.VERIFIED: "-->",
    EdgeState.RECORDED: "-.->",
    EdgeState.MISMATCHED: '== "✘ mismatched" ==>',
    EdgeState.MISSING: '== "? missing" ==>',
}
_STYLES = {
    EdgeState.VERIFIED: "stroke:#007a5a,stroke-width:2px",
    EdgeState.RECORDED: "stroke:#0072b2,stroke-width:2px",
    EdgeState.MISMATCHED: "stroke:#d55e00,stroke-width:3px",
    EdgeState.MISSING: "stroke:#d55e00,stroke-width:3px,stroke-dasharray:3 3",
}


def graph_mermaid(graph: LineageGraph) -> str:
    """Return a flowchart."""
    return "\n".join((*_lines(graph), ""))


def _lines(graph: LineageGraph) -> Iterator[str]:
    stages = {stage.address: f"s{n}" for n, stage in enumerate(graph.stages)}
    artifacts = {artifact.name: f"a{n}" for n, artifact in enumerate(graph.artifacts)}
    yield "flowchart LR"
    yield f"  accTitle: {_text(title(graph))}"
    for stage in graph.stages:
        yield f'  {stages[stage.address]}["{_stage(stage)}"]:::{stage.state}'
    for artifact in graph.artifacts:
        start, end = _SHAPES.get(artifact.role, ("(", ")"))
        label = _artifact(artifact)
        yield f'  {artifacts[artifact.name]}{start}"{label}"{end}:::{artifact.state}'
    for link in graph.links:
        ends = artifacts[link.artifact], stages[link.stage]
        source, target = reversed(ends) if link.kind is EdgeKind.OUTPUT else ends
        yield f"  {source} {_ARROWS[link.state]} {target}"
    for part in graph.parts:
        yield f"  {artifacts[part.made]} -. part .-> {artifacts[part.read]}"
    for state, style in _STYLES.items():
        yield f"  classDef {state} {style}"


def _stage(stage: GraphStage) -> str:
    return f"{_text(stage.address)}<br>{stage.trust.level} · {MARKS[stage.state]} {stage.state}"


def _artifact(artifact: GraphArtifact) -> str:
    return f"{_text(artifact.name)}<br>{_text(details(artifact, digits=8))}"


def _text(text: str) -> str:
    """Return a text in which everything that Mermaid, Markdown or HTML reads is an entity."""
    return _UNSAFE.sub(lambda m: f"#{ord(m.group())};", visible(text))
