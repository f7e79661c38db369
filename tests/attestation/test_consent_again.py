from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.approval_statement import Decision, approval_statement
from aigf_dvc.attestation.consent_again import consent_again, signed_items
from aigf_dvc.attestation.consents import read_consent
from aigf_dvc.attestation.deployment import Deployment, evidence_item
from aigf_dvc.attestation.upheld import ConsentAgain
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.approval import Approval, DocumentSignature, Waiver
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Finding, Outcome, PolicyReference
from aigf_dvc.report.verdict_json import verdict_as_json
from tests.attestation.builders import a_deployment, a_verdict
from tests.attestation.consent_builders import (
    FILES,
    ISSUED,
    TODAY,
    TREE,
    said,
    signed_by,
    the_trust,
)

POLICY_TEXT = b"""\
id: test
version: "1"
rules:
  - {id: fairness, kind: metric, metric: fairness_score, min: 0.9}
  - {id: approved, kind: approvals, role: risk-owner}
"""
DAYS = (ISSUED.date(), TODAY)


def the_policy() -> Policy:
    return read_policy(POLICY_TEXT, path="policy.yaml")


def a_consent(decision: Decision, **terms: Any) -> Approval | Waiver | DocumentSignature:  # noqa: ANN401
    plain = said(decision)
    assert plain.terms is not None
    bound = replace(plain.terms, policy=the_policy().sha256, **terms)
    payload = approval_statement(replace(plain, terms=bound))
    return read_consent(payload, signed_by("Dana"), the_trust(), where="sha256:x", today=TODAY)


def evidence(*consents: Approval | Waiver | DocumentSignature) -> ModelEvidence:
    return ModelEvidence(
        model="fraud",
        card=None,
        metrics={"fairness_score": Metric(value=0.85, where="m.json")},
        files=FILES,
        tree=TREE,
        commit=Commit(sha="abc", authors=("ann@corp",)),
        approvals=tuple(c for c in consents if isinstance(c, Approval)),
        waivers=tuple(c for c in consents if isinstance(c, Waiver)),
    )


def attested(outcome: Outcome = Outcome.WAIVED, rule: str = "fairness") -> Deployment:
    policy = the_policy()
    finding = Finding(rule=rule, kind="metric", outcome=outcome, observed="", expected="")
    reference = PolicyReference(id="test", version="1", sha256=policy.sha256)
    verdict = a_verdict(findings=(finding,), policy=reference)
    return a_deployment(policy=reference, verdict=verdict_as_json(verdict))


def again(*consents: Approval | Waiver | DocumentSignature) -> ConsentAgain:
    return consent_again(attested(), the_policy(), evidence(*consents), days=DAYS)


def test_a_waived_rule_and_an_approval_hold_by_the_word_of_trusted_people() -> None:
    found = again(a_consent(Decision.WAIVE), a_consent(Decision.APPROVE))
    assert found.denied == ()
    assert any("fairness is WAIVED by Dana" in line for line in found.held)
    assert any("approved: approved by Dana" in line for line in found.held)


def test_a_waived_rule_without_a_waiver_that_counts_is_denied() -> None:
    found = again(a_consent(Decision.APPROVE))
    assert [line.split(",")[0] for line in found.denied] == ["fairness", "fairness"]
    other = again(a_consent(Decision.WAIVE, environment="staging"), a_consent(Decision.APPROVE))
    assert len(other.denied) == 2
    assert "for the environment staging" in other.notes[0]


def test_a_rule_that_asks_for_people_is_judged_again_whatever_the_attester_said() -> None:
    found = again(a_consent(Decision.WAIVE))
    assert all(line.startswith("approved, on ") for line in found.denied)


def test_a_rule_that_was_not_waived_is_the_attesters_to_judge() -> None:
    deployment = attested(Outcome.PASSED)
    found = consent_again(
        deployment, the_policy(), evidence(a_consent(Decision.APPROVE)), days=DAYS
    )
    assert found.denied == ()


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2026, 11, 18)])
def test_consent_must_hold_on_each_day(day: date) -> None:
    whole = evidence(a_consent(Decision.WAIVE), a_consent(Decision.APPROVE))
    found = consent_again(attested(), the_policy(), whole, days=(day, TODAY))
    assert {line.split(":")[0] for line in found.denied} == {
        f"fairness, on {day}", f"approved, on {day}",
    }  # fmt: skip


def test_another_policy_or_an_unknown_rule_is_refused() -> None:
    with pytest.raises(RefusedError, match="not the one that it names"):
        consent_again(a_deployment(), the_policy(), evidence(), days=DAYS)
    with pytest.raises(RefusedError, match="no rule of its policy"):
        consent_again(attested(rule="other"), the_policy(), evidence(), days=DAYS)


def test_all_that_others_signed_is_found() -> None:
    items = [evidence_item(name, "x", name.encode()) for name in ("waiver/a", "approval/b")]
    verdict = evidence_item("external-verdict/ampel", "x", b"v")
    deployment = a_deployment(
        waivers=(items[0],), approvals=(items[1],), evidence=(*a_deployment().evidence, verdict)
    )
    assert signed_items(deployment) == (*items, verdict)
