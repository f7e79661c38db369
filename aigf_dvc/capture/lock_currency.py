"""Tells where dvc.lock is behind: every stage that DVC would run again, the model's or not."""

from collections.abc import Iterator

from msgspec.structs import replace

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.evidence.lineage import Cause, Edge
from aigf_dvc.evidence.model_evidence import ModelEvidence

_BEHIND = frozenset(
    {
        Cause.CODE_CHANGED,
        Cause.DATA_CHANGED,
        Cause.DEFINITION_CHANGED,
        Cause.NEVER_RAN,
        Cause.NOT_RECORDED,
        Cause.PARAMETER_DIFFERS,
        Cause.UPSTREAM_DIFFERS,
    }
)
_MOST = 100  # that are named


def with_lock_currency(evidence: ModelEvidence, comparison: Consistency) -> ModelEvidence:
    """Return the evidence with what is behind in dvc.lock.

    Raises:
        UndecidedError: a file cannot be read.
    """
    lineage = evidence.lineage
    if lineage is None:
        return evidence
    return replace(evidence, lineage=replace(lineage, behind=tuple(_behind(comparison))[:_MOST]))


def _behind(comparison: Consistency) -> Iterator[str]:
    for address, stage in comparison.pipeline.stages.items():
        if not stage.outs:  # a gate or a report: nothing that it made can be old
            continue
        edge = next((e for e in comparison.edges(address) if e.cause in _BEHIND), None)
        if edge is not None:
            yield _text(edge)


def _text(edge: Edge) -> str:
    what = f"{edge.kind} {edge.name}".strip()
    return f"stage {edge.stage}, {what}: {edge.reason}"
