from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.approval import Waiver
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Verdict
from tests.policy.builders import TODAY, an_evidence

TEXT = b"""\
id: test
version: "1"
waivers: {max_duration: 60d, roles: [risk-owner]}
rules:
  - {id: fairness, kind: metric, metric: fairness_score, min: 0.9}
  - {id: latency, kind: metric, metric: p95_latency_ms, max: 500, waivable: false}
"""
MODEL, TREE = sha256(b"model"), sha256(b"tree")


def the_policy() -> Policy:
    return read_policy(TEXT, path="policy.yaml")


def a_waiver() -> Waiver:
    return Waiver(
        person="Dana",
        roles=("risk-owner", "waive"),
        role="risk-owner",
        model="mortgage",
        models=(MODEL,),
        tree=TREE,
        policy=the_policy().sha256,
        environment="production",
        reason="the new data arrives in December",
        issued=datetime(2026, 11, 20, tzinfo=UTC),
        expires=datetime(2026, 12, 31, tzinfo=UTC),
        where="sha256:abc",
        rules=("fairness",),
    )


def evidence(*waivers: Waiver, score: float = 0.85, latency: int = 320) -> ModelEvidence:
    return replace(
        an_evidence(fairness_score=score, p95_latency_ms=latency),
        files=(ModelFile(name="model.pkl", sha256=MODEL),),
        tree=TREE,
        waivers=waivers,
    )


def judged(known: ModelEvidence, *, environment: str = "production") -> Verdict:
    return evaluate(the_policy(), known, at=Gate.ATTEST, today=TODAY, environment=environment)


def test_a_waiver_excepts_the_model_and_is_said_in_the_finding() -> None:
    verdict = judged(evidence(a_waiver()))
    assert verdict.result is Result.PASSED
    assert verdict.findings[0].outcome is Outcome.WAIVED
    assert verdict.findings[0].waived_by == (
        "Dana (risk-owner) until 2026-12-31: the new data arrives in December [sha256:abc]"
    )
    assert verdict.notes == ()


def test_a_rule_that_holds_needs_no_waiver() -> None:
    assert judged(evidence(a_waiver(), score=0.95)).findings[0].outcome is Outcome.PASSED


def test_a_rule_that_is_not_waivable_ignores_waivers() -> None:
    waiver = replace(a_waiver(), rules=("fairness", "latency"))
    verdict = judged(evidence(waiver, latency=501))
    assert [f.rule for f in verdict.findings if f.outcome is Outcome.DENIED] == ["latency"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"models": (sha256(b"other"),)}, "other bytes"),
        ({"models": (MODEL, sha256(b"more"))}, "other bytes"),
        ({"models": ()}, "other bytes"),
        ({"model": "fraud"}, "another model"),
        ({"tree": sha256(b"other")}, "another tree"),
        ({"policy": sha256(b"other")}, "another policy"),
        ({"environment": "staging"}, "for the environment staging"),
        ({"issued": datetime(2026, 12, 1, tzinfo=UTC)}, "in the future"),
        ({"expires": datetime(2026, 11, 22, tzinfo=UTC)}, "expired on 2026-11-22"),
        ({"expires": None}, "no end"),
        ({"expires": datetime(2027, 1, 20, tzinfo=UTC)}, "more than 60 days"),
        ({"role": "approve"}, "signed as approve"),
        ({"rules": ("latency",)}, "cannot be waived"),
        ({"rules": ("nothing",)}, "names no rule"),
    ],
)
def test_a_waiver_about_something_else_does_not_count(
    changed: dict[str, object], said: str
) -> None:
    verdict = judged(evidence(replace(a_waiver(), **changed)))  # by name
    assert verdict.result is Result.DENIED
    assert said in verdict.notes[0]
    assert "sha256:abc" in verdict.notes[0]


def test_what_the_case_does_not_know_nothing_can_be_bound_to() -> None:
    known = evidence(a_waiver())
    assert judged(replace(known, files=())).result is Result.DENIED
    assert judged(replace(known, tree=None)).result is Result.DENIED
    assert judged(known, environment="").result is Result.DENIED


def test_an_unsigned_consent_is_reported() -> None:
    known = replace(evidence(), unsigned=("waiver.json: nobody whom the trust file names",))
    assert judged(known).notes == ("waiver.json: nobody whom the trust file names",)


def test_a_waiver_counts_on_its_last_day() -> None:
    last = replace(a_waiver(), expires=datetime(2026, 11, 23, tzinfo=UTC))
    assert date(2026, 11, 23) == TODAY
    assert judged(evidence(last)).result is Result.PASSED


def test_only_where_files_lie_is_one_sent_to_look_at_them() -> None:
    known = evidence(replace(a_waiver(), tree=sha256(b"other")))
    for at, told in ((Gate.ATTEST, True), (Gate.DEPLOY, False)):
        verdict = evaluate(the_policy(), known, at=at, today=TODAY, environment="production")
        assert "another tree" in verdict.notes[0]
        assert ("git status" in verdict.notes[0]) is told
