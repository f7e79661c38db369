"""Says in words what a rule demands: in those that its findings use."""

from datetime import date

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState, Lineage, StageTrust, TrustLevel
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import Case, Rule
from aigf_dvc.policy.verdict import Gate, PolicyReference

# Nothing but a lineage that is there: without one, a rule about lineage speaks of that alone.
_LINEAGE = Lineage(
    edges=(Edge(stage="", kind=EdgeKind.INPUT, name="", state=EdgeState.RECORDED, reason=""),),
    stages=(StageTrust(stage="", level=TrustLevel.DECLARED),),
    clean_tree=True,
)
_CASE = Case(
    evidence=ModelEvidence(model="the model", card=None, lineage=_LINEAGE),
    at=Gate.DEPLOY,
    today=date(2000, 1, 1),
    policy=PolicyReference(id="", version="", sha256=sha256(b"")),
)


def demanded_by(rule: Rule) -> str:
    """Return what a rule expects of a model, and of which of its numbers."""
    said = "; ".join(judgement.expected for judgement in rule.demand.judge(_CASE))
    number = getattr(rule.demand, "slices", "") or getattr(rule.demand, "metric", "")
    return f"{number}: {said}" if number else said
