"""The state of a lineage, as text for people and as JSON."""

from collections.abc import Sequence

from aigf_dvc.canonical import Json, loads
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.lineage import Edge, EdgeState, Lineage, StageTrust

_COLORS = {
    EdgeState.VERIFIED: "32",
    EdgeState.RECORDED: "36",
    EdgeState.MISMATCHED: "31",
    EdgeState.MISSING: "31",
}


def edges_text(edges: Sequence[Edge], stages: Sequence[StageTrust], *, color: bool) -> str:
    """Return a table of every edge, stage by stage."""
    lines = []
    width = max((len(edge.name) for edge in edges), default=0)
    by_stage: dict[str, list[Edge]] = {}
    for edge in edges:
        by_stage.setdefault(edge.stage, []).append(edge)
    for stage in stages:
        lines.append(f"{stage.stage}  ({stage.level})")
        for edge in by_stage.get(stage.stage, ()):
            state = f"{edge.state:<10}"
            shown = f"\x1b[{_COLORS[edge.state]}m{state}\x1b[0m" if color else state
            lines.append(f"  {shown}  {edge.kind:<9}  {edge.name:<{width}}  {edge.reason}")
        lines.append("")
    return "\n".join(lines).rstrip("\n")


def summary_text(edges: Sequence[Edge], stages: Sequence[StageTrust], *, digest: Sha256) -> str:
    """Return the two lines that sum a capture up."""
    lineage = Lineage(edges=tuple(edges), stages=tuple(stages))
    counts = ", ".join(f"{count} {state}" for state, count in lineage.count().items() if count)
    return f"manifest sha256:{digest}\n{len(stages)} stages, {lineage.level}; edges: {counts}"


def captured_as_json(
    manifest: bytes, *, commit: str | None, edges: Sequence[Edge], stages: Sequence[StageTrust]
) -> Json:
    """Return a manifest with what is true of this machine and moment beside it."""
    return {
        "manifest": loads(manifest, where="manifest"),
        "manifestDigest": {"sha256": sha256(manifest)},
        "source": {"gitCommit": commit},
        "edges": [
            {
                "stage": edge.stage,
                "kind": edge.kind.value,
                "name": edge.name,
                "state": edge.state.value,
                "reason": edge.reason,
            }
            for edge in edges
        ],
        "stages": [
            {
                "name": stage.stage,
                "trustLevel": stage.level.value,
                "runRecord": {"sha256": stage.run_record} if stage.run_record else None,
            }
            for stage in stages
        ],
    }
