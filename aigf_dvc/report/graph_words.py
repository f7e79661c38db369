"""What every picture of a lineage graph says in the same words."""

import json
from collections.abc import Iterable, Mapping, Sequence

from aigf_dvc.canonical import Json, as_json
from aigf_dvc.evidence.graph import (
    GraphArtifact,
    GraphParameter,
    GraphStage,
    LineageGraph,
    Link,
    Role,
)
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState
from aigf_dvc.report.visible import visible

MARKS = {
    EdgeState.VERIFIED: "✔",
    EdgeState.RECORDED: "○",
    EdgeState.MISMATCHED: "✘",
    EdgeState.MISSING: "?",
}
MEANINGS = {
    EdgeState.VERIFIED: "the bytes are what was recorded",
    EdgeState.RECORDED: "the records agree, the bytes were not read",
    EdgeState.MISMATCHED: "two records, or a record and the bytes, differ",
    EdgeState.MISSING: "nothing records it",
}
IN_STAGE = (Role.CODE, Role.PARAMETERS)
"""The roles that a picture writes into the box of the stage instead of drawing them beside it."""

DIGEST_DIGITS = 12
_UNIT = 1024
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_VALUE_LENGTH = 40
_VALUES = 6
_NAMES = 4


def title(graph: LineageGraph) -> str:
    """Return what a graph shows, and of which state of the project."""
    of = _first(graph.models) or "the whole pipeline"
    at = f"commit {graph.commit[:DIGEST_DIGITS]}" if graph.commit else "the working tree"
    return f"Lineage of {of}, {at}"


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(map(visible, names[:_NAMES])) + more


def summary(graph: LineageGraph) -> str:
    """Return the counts of stages by trust level, and of links by state."""
    stages = f"{len(graph.stages)} stage{'' if len(graph.stages) == 1 else 's'}"
    levels = ", ".join(f"{n} {level}" for level, n in graph.levels().items() if n)
    counts = {s: sum(link.state is s for link in graph.links) for s in EdgeState}
    states = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    return f"{stages}: {levels or 'none'}; links: {states or 'none'}"


def details(artifact: GraphArtifact, *, digits: int = DIGEST_DIGITS) -> str:
    """Return an artifact's role, its size, and the first digits of its digest."""
    words = [_role(artifact)]
    recorded = artifact.recorded
    if recorded is not None and recorded.size is not None:
        words.append(_size(recorded.size))
    if recorded is not None and recorded.file_count is not None:
        words.append(f"{recorded.file_count} file{'' if recorded.file_count == 1 else 's'}")
    if artifact.sha256 is not None:
        words.append(f"sha256 {artifact.sha256[:digits]}")
    elif recorded is not None and recorded.value:
        words.append(f"{recorded.algorithm} {visible(recorded.value[:digits])}")
    return " · ".join(words)


def origin(artifact: GraphArtifact) -> str:
    """Return where imported data came from; empty for all other artifacts."""
    found = artifact.origin
    if found is None:
        return ""
    commit = f" at {visible(found.commit[:DIGEST_DIGITS])}" if found.commit else ""
    return f"from {visible(found.url)}{commit}"


def _role(artifact: GraphArtifact) -> str:
    if artifact.role is Role.MODEL and artifact.models:
        return f"model {_first(artifact.models)}"
    return artifact.role.value


def _size(count: int) -> str:
    power = min((count.bit_length() - 1) // 10, len(_UNITS) - 1) if count else 0
    return f"{count / _UNIT**power:.1f} {_UNITS[power]}" if power else f"{count} B"


def parameters_text(parameters: Iterable[GraphParameter]) -> str:
    """Return parameters with their values, `a = 1, b = 2`; the first few of many."""
    texts = [f"{visible(p.key)} = {value_text(p.value)}" for p in parameters]
    more = f" and {len(texts) - _VALUES} more" if len(texts) > _VALUES else ""
    return ", ".join(texts[:_VALUES]) + more


def value_text(value: Json) -> str:
    """Return a parameter's value, a long one cut."""
    # Not canonical JSON, which has no form for half a surrogate pair.
    text = visible(json.dumps(as_json(value), ensure_ascii=False, sort_keys=True))
    return text if len(text) <= _VALUE_LENGTH else f"{text[: _VALUE_LENGTH - 1]}…"


def stage_problem(stage: GraphStage) -> str:
    """Return what is wrong with a stage itself; empty when nothing is."""
    return "" if stage.command_state.is_sound else visible(stage.command_reason)


def links_of(links: Sequence[Link], kind: EdgeKind) -> Mapping[str, list[Link]]:
    """Return the links of one kind, by stage."""
    found: dict[str, list[Link]] = {}
    for link in links:
        if link.kind is kind:
            found.setdefault(link.stage, []).append(link)
    return found
