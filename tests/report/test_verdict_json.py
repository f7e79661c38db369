import json

from aigf_dvc.canonical import dumps
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
from aigf_dvc.report.verdict_json import verdict_as_json

VERDICT = Verdict(
    model="mortgage",
    at=Gate.ATTEST,
    result=Result.DENIED,
    policy=PolicyReference(id="p", version="1", sha256=sha256(b"p"), path="policy.yaml"),
    findings=(
        Finding(
            rule="fairness",
            kind="metric",
            outcome=Outcome.DENIED,
            observed="fairness_score is 0.75",
            expected="at least 0.8",
            where="metrics.json:fairness_score",
            remedy="raise it",
            title="Fair",
            why="the law says so",
            rule_place="policy.yaml:4",
            controls=(Control(id="nist-ai-rmf:MEASURE-2.11", strength=Strength.DIRECT),),
            waived_by="Dana",
        ),
    ),
    tier="high",
    environment="production",
    notes=("a note",),
)


def test_a_verdict_has_these_keys_and_no_others() -> None:
    assert verdict_as_json(VERDICT) == {
        "model": "mortgage",
        "at": "attest",
        "result": "denied",
        "policy": {"id": "p", "version": "1", "digest": {"sha256": sha256(b"p")}},
        "findings": [
            {
                "rule": "fairness",
                "kind": "metric",
                "outcome": "denied",
                "observed": "fairness_score is 0.75",
                "expected": "at least 0.8",
                "where": "metrics.json:fairness_score",
                "remedy": "raise it",
                "title": "Fair",
                "why": "the law says so",
                "rulePlace": "policy.yaml:4",
                "controls": [{"id": "nist-ai-rmf:MEASURE-2.11", "strength": "direct"}],
                "waivedBy": "Dana",
            }
        ],
        "problem": "",
        "tier": "high",
        "environment": "production",
        "notes": ["a note"],
    }


def test_it_is_plain_json_that_can_be_signed() -> None:
    value = verdict_as_json(VERDICT)
    assert json.loads(dumps(value)) == value
    assert type(value["at"]) is str
