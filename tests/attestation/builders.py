"""A deployment attestation that a judge accepts, for tests to bend."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import (
    AttestedDocument,
    Deployment,
    LineageVerification,
    ModelKind,
    Source,
    evidence_item,
)
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.attestation.verification import SignerFacts, SignerKind
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState, StageTrust, TrustLevel
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, PolicyReference, Result, Verdict
from aigf_dvc.report.verdict_json import verdict_as_json

ISSUED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
POLICY_TEXT = b"id: baseline\n"
POLICY = PolicyReference(id="baseline", version="1", sha256=sha256(POLICY_TEXT))
COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
REPOSITORY = "https://github.com/acme/models"
MODEL_BYTES = b"the model"
MODEL_FILES = (ModelFile(name="models/fraud.pkl", sha256=sha256(MODEL_BYTES)),)
DEPLOYED = (ModelFile(name="anything.bin", sha256=sha256(MODEL_BYTES)),)
BY_KEY = SignerFacts(kind=SignerKind.KEY, name="sha256:abc")

Json = dict[str, Any]  # Any: a document that tests edit at will


def a_verdict(outcome: Outcome = Outcome.PASSED, **changes: Any) -> Verdict:  # noqa: ANN401 (fields)
    finding = Finding(
        rule="fairness",
        kind="metric",
        outcome=outcome,
        observed="fairness_score is 0.85",
        expected="at least 0.8",
    )
    verdict = Verdict(
        model="fraud",
        at=Gate.ATTEST,
        result=Result.DENIED if outcome is Outcome.DENIED else Result.PASSED,
        policy=POLICY,
        findings=(finding,),
    )
    return replace(verdict, **changes)


def a_deployment(**changes: Any) -> Deployment:  # noqa: ANN401 (the fields of a Deployment)
    edge = Edge(
        stage="prepare",
        kind=EdgeKind.COMMAND,
        name="",
        state=EdgeState.MISSING,
        reason="the stage never ran",
    )
    deployment = Deployment(
        model="fraud",
        path="models/fraud.pkl",
        kind=ModelKind.FILE,
        environment="production",
        verdict=verdict_as_json(a_verdict()),
        policy=POLICY,
        policy_evidence="governance/policy.yaml",
        source=Source(uri=REPOSITORY, git_commit=COMMIT, ref="refs/heads/main"),
        tree=sha256(b"tree"),
        lineage=evidence_item("lineage.json", "application/json", b"{}"),
        lineage_verification=LineageVerification(
            edges={
                EdgeState.VERIFIED: 4,
                EdgeState.RECORDED: 2,
                EdgeState.MISMATCHED: 0,
                EdgeState.MISSING: 1,
            },
            stages=(
                StageTrust(stage="train", level=TrustLevel.OBSERVED, run_record=sha256(b"run")),
                StageTrust(stage="prepare", level=TrustLevel.DECLARED),
            ),
            problems=(edge,),
        ),
        model_card=evidence_item("MODEL_CARD.md", "text/markdown", b"---\nlicense: mit\n---\n"),
        metrics={
            "fairness_score": Metric(value=Decimal("0.85"), where="metrics.json:fairness_score")
        },
        documents=(
            AttestedDocument(
                type="risk-assessment",
                date=date(2026, 11, 1),
                models=("fraud",),
                file=evidence_item("governance/documents/risk.md", "text/markdown", b"risk"),
            ),
        ),
        evidence=(evidence_item("governance/policy.yaml", "application/yaml", POLICY_TEXT),),
        issued_on=ISSUED,
        tool_version="0.1.0",
    )
    return replace(deployment, **changes)


def a_payload(**changes: Any) -> bytes:  # noqa: ANN401 (the fields of a Deployment)
    return build_statement(a_deployment(**changes), MODEL_FILES)


def an_edited_payload(**changes: Any) -> bytes:  # noqa: ANN401 (parts of a predicate)
    """Return a statement whose predicate has other values at its top level."""
    document: Any = loads(a_payload(), where="test")
    document["predicate"] |= changes
    return dumps(document)


def some_demands(**changes: Any) -> Demands:  # noqa: ANN401 (the fields of Demands)
    demands = Demands(
        at=ISSUED, environment="production", policy_digests=frozenset({POLICY.sha256})
    )
    return replace(demands, **changes)
