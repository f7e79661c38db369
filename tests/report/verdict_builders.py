"""Verdicts and reports made from values: one with everything in it, and one that is hostile."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.policy.verdict import (
    Control,
    Finding,
    Gate,
    Outcome,
    PolicyReference,
    Result,
    Strength,
    Verdict,
)
from aigf_dvc.report.slices import Slice, SlicedMetric
from aigf_dvc.report.verdict_report import Fact, ModelReport, Report
from tests.report.hostile import HOSTILE

DAY = date(2026, 11, 26)
CARD = "MODEL_CARD.md"
POLICY = "governance/policy.yaml"


def a_finding(outcome: Outcome = Outcome.DENIED, rule: str = "fairness") -> Finding:
    return Finding(
        rule=rule,
        kind="metric",
        outcome=outcome,
        observed="fairness_score is 0.75",
        expected="at least 0.8",
        where="metrics.json:fairness_score",
        remedy="raise it by at least 0.05: change the model, run `aigf repro` and check again"
        if outcome in (Outcome.DENIED, Outcome.WARNED, Outcome.WAIVED)
        else "",
        title="Every group gets its share",
        why="four fifths of the best group's rate, 29 CFR 1607.4 D",
        rule_place=f"{POLICY}:12",
        controls=(
            Control(id="eu-ai-act:art-10-2-f", strength=Strength.DIRECT),
            Control(id="nist-ai-rmf:MEASURE-2.11", strength=Strength.PARTIAL),
        ),
        waived_by="Dana Risk (risk-owner) until 2026-12-31: a pilot of 40 people [sha256:abcd]"
        if outcome is Outcome.WAIVED
        else "",
    )


def a_card_finding() -> Finding:
    return Finding(
        rule="card-complete",
        kind="required-fields",
        outcome=Outcome.DENIED,
        observed="responsible_owner is missing",
        expected="all 4 fields filled in",
        where=f"{CARD}:4",
        remedy=f"fill in responsible_owner under `governance:` at the top of {CARD}",
        rule_place=f"{POLICY}:5:3",
    )


def a_verdict(*findings: Finding, model: str = "fraud", result: Result = Result.DENIED) -> Verdict:
    return Verdict(
        model=model,
        at=Gate.ATTEST,
        result=result,
        policy=PolicyReference(id="strict", version="2.1.0", sha256=sha256(b"p"), path=POLICY),
        findings=findings,
        problem="dvc.lock:7: not YAML" if result is Result.UNDECIDED else "",
        tier="high",
        environment="production",
        notes=("a waiver by Eve does not count: it is about other bytes [sha256:ef01]",),
    )


def a_sliced_metric() -> SlicedMetric:
    return SlicedMetric(
        name="approval_rate",
        where="metrics.json:approval_rate",
        slices=(
            Slice(group="women", value=Decimal("0.91"), basis="1200 samples"),
            Slice(group="men", value=Decimal("0.71"), basis="12 of 17"),
            Slice(group="not told", value=None),
        ),
        low=Decimal("0.8"),
    )


def a_model(
    *findings: Finding, model: str = "fraud", result: Result = Result.DENIED
) -> ModelReport:
    return ModelReport(
        verdict=a_verdict(*findings, model=model, result=result),
        facts=(Fact(name="File", text=f"model.pkl sha256:{sha256(b'model')}"),),
        sliced=(a_sliced_metric(),),
        card_path=CARD,
        policy_description="What every model must show before it is deployed.",
    )


def a_report(*models: ModelReport) -> Report:
    return Report(models=models, printed_on=DAY, tool_version="1.2.3")


def one_of_each() -> Report:
    """Return a denied model with a finding of every outcome, and an undecided one."""
    findings = [a_finding(outcome, rule=f"rule-{outcome}") for outcome in Outcome]
    return a_report(
        a_model(*findings, a_card_finding()),
        replace(a_model(model="churn", result=Result.UNDECIDED), facts=(), sliced=()),
        a_model(a_finding(Outcome.PASSED), model="scorer", result=Result.PASSED),
    )


def hostile_report(texts: Sequence[str] = HOSTILE) -> Report:
    """Return a report in which every text that others can write is hostile, one model each."""
    return a_report(*(hostile_model(text) for text in texts))


def hostile_model(text: str) -> ModelReport:
    finding = Finding(
        rule=text,
        kind=text,
        outcome=Outcome.DENIED,
        observed=text,
        expected=text,
        where=text,
        remedy=text,
        title=text,
        why=text,
        rule_place=text,
        controls=(Control(id=text, strength=Strength.EXISTS),),
        waived_by=text,
    )
    findings = tuple(replace(finding, outcome=o, rule=f"{o} {text}") for o in Outcome)
    verdict = Verdict(
        model=text,
        at=Gate.DEPLOY,
        result=Result.UNDECIDED,
        policy=PolicyReference(id=text, version=text, sha256=sha256(b"p"), path=text),
        findings=findings,
        problem=text,
        tier=text,
        environment=text,
        notes=(text,),
    )
    group = Slice(group=text, value=Decimal(1), basis=text)
    return ModelReport(
        verdict=verdict,
        facts=(Fact(name="File", text=text),),
        sliced=(SlicedMetric(name=text, where=text, slices=(group,), low=Decimal(2)),),
        card_path=text,
        policy_description=text,
    )
