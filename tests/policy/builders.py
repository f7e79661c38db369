"""Evidence and policies that pass; a test changes the one thing that it is about."""

from datetime import date

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import (
    Edge,
    EdgeKind,
    EdgeState,
    Lineage,
    StageTrust,
    TrustLevel,
)
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_card import ModelCard, read_model_card
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, Verdict

TODAY = date(2026, 11, 23)
PATH = "governance/policy.yaml"

COMPLETE_CARD = """\
---
license: mit
governance:
  training_data_source: HMDA decisions, Boston 1990
  bias_mitigation_strategy: Reweighing (Kamiran and Calders)
  model_card_version: "1.0"
  responsible_owner: jane.doe@example.com
---
# Mortgage model
"""


def a_card(text: str = COMPLETE_CARD) -> ModelCard:
    return read_model_card(text.encode(), path="MODEL_CARD.md")


def a_metric(value: object, name: str = "fairness_score") -> Metric:
    return Metric(value=value, where=f"metrics.json:{name}")


def a_document(
    *,
    dated: date | None = TODAY,
    models: tuple[str, ...] = ("mortgage",),
    kind: str = "bias-analysis",
) -> GovernanceDocument:
    path = f"governance/documents/{kind}.md"
    return GovernanceDocument(
        type=kind, path=path, sha256=sha256(b"document"), date=dated, models=models
    )


def an_edge(
    state: EdgeState = EdgeState.VERIFIED,
    *,
    name: str = "data/train.csv",
    kind: EdgeKind = EdgeKind.INPUT,
    reason: str = "",
) -> Edge:
    return Edge(stage="train", kind=kind, name=name, state=state, reason=reason)


def a_lineage(
    *edges: Edge,
    level: TrustLevel = TrustLevel.DECLARED,
    clean_tree: bool | None = None,
) -> Lineage:
    return Lineage(
        edges=edges or (an_edge(),),
        stages=(StageTrust(stage="train", level=level),),
        clean_tree=clean_tree,
    )


def an_evidence(
    *,
    card: ModelCard | None = None,
    fairness_score: object = 0.85,
    p95_latency_ms: object = 320,
    documents: tuple[GovernanceDocument, ...] = (),
    lineage: Lineage | None = None,
) -> ModelEvidence:
    return ModelEvidence(
        model="mortgage",
        card=card or a_card(),
        metrics={
            "fairness_score": a_metric(fairness_score),
            "p95_latency_ms": a_metric(p95_latency_ms, "p95_latency_ms"),
        },
        documents=documents,
        lineage=lineage,
    )


def a_policy(*rules: str) -> Policy:
    """Read a typed policy from the flow mappings of its rules."""
    text = "\n".join(['id: test\nversion: "1"\nrules:', *(f"  - {rule}" for rule in rules)])
    return read_policy(text.encode(), path=PATH)


def judged(
    rule: str, evidence: ModelEvidence, *, at: Gate = Gate.ATTEST, today: date = TODAY
) -> Verdict:
    """Judge evidence by a policy of one rule."""
    return evaluate(a_policy(rule), evidence, at=at, today=today)


def the_finding(verdict: Verdict) -> Finding:
    """Return the only finding of a verdict."""
    (finding,) = verdict.findings
    return finding


def denied(verdict: Verdict) -> tuple[Finding, ...]:
    return tuple(f for f in verdict.findings if f.outcome is Outcome.DENIED)
