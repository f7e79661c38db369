"""Compares two demands of the kind `lineage`: more edges seen and more trust are stricter."""

from decimal import Decimal

from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.rules.lineage import DataDemand, EdgeDemand
from aigf_dvc.policy.strictness.change import Comparison, Direction, Judged, Setting
from aigf_dvc.policy.strictness.values import listed, ranked, switched_on


def _tolerance(old: object, new: object) -> Judged:
    """Compare how far metrics may be off: one that is not named may not be off at all."""
    before, after = _by_metric(old), _by_metric(new)
    if before and not after:
        return Direction.TIGHTENS, "a reproduction must give the same bytes"
    if after and not before:
        return Direction.WEAKENS, "the bytes of a reproduction may differ"
    laxer = [name for name, most in after.items() if most > before.get(name, Decimal(0))]
    if laxer:
        return Direction.WEAKENS, f"a reproduction may be further off: {listed(laxer)}"
    gone = before.keys() - after.keys()
    if gone:  # a metric that is named must be there, too
        return Direction.UNCLEAR, f"no longer named, so it may be absent: {listed(gone)}"
    return Direction.TIGHTENS, "a reproduction must be nearer"


def _by_metric(value: object) -> dict[str, Decimal]:
    return dict(value) if isinstance(value, tuple) else {}


COMPARISON = Comparison(
    settings={
        "edges": Setting(key="edges", compare=ranked(EdgeDemand.CONSISTENT, EdgeDemand.VERIFIED)),
        "data": Setting(key="data", compare=ranked(DataDemand.RECORDED, DataDemand.VERIFIED)),
        "min_trust": Setting(key="min_trust", compare=ranked(None, *TrustLevel)),
        "tolerance": Setting(key="tolerance", compare=_tolerance),
        "clean_tree": Setting(key="clean_tree", compare=switched_on),
        "current_lock": Setting(key="current_lock", compare=switched_on),
        "protected_branch": Setting(key="protected_branch", compare=switched_on),
    },
)
