"""A parameter rule judges what every stage really ran with; a value of another type is no match."""

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.parameter import Parameter
from aigf_dvc.policy.verdict import Outcome, Verdict
from tests.policy.builders import a_policy, an_evidence, judged, the_finding

NAME = "params.yaml:train.C"


def judge(settings: str, *values: object, name: str = NAME, asked: str = NAME) -> Verdict:
    parameters = tuple(
        Parameter(name=name, value=value, stage=f"train@{i}") for i, value in enumerate(values)
    )
    rule = f'{{id: p, kind: parameters, parameters: {{"{asked}": {settings}}}}}'
    return judged(rule, replace(an_evidence(), parameters=parameters))


def outcome(settings: str, value: object) -> Outcome:
    return the_finding(judge(settings, value)).outcome


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ("{min: 0.1, max: 10}", 0.1),
        ("{min: 0.1, max: 10}", 10),
        ("{max: 1e20}", {"$number": "99999999999999999999"}),
        ("{values: [l1, l2]}", "l2"),
        ("{values: [1]}", 1.0),
        ("{values: [true]}", True),
        ("{values: [0.9], max: 1}", 0.9),
    ],
)
def test_an_allowed_value_passes(settings: str, value: object) -> None:
    finding = the_finding(judge(settings, value))
    assert finding.outcome is Outcome.PASSED
    assert finding.where == "stage train@0"


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ("{min: 0.1}", 0.09999),
        ("{max: 10}", 10.0001),
        ("{max: 10}", "1"),
        ("{max: 10}", True),
        ("{max: 10}", None),
        ("{max: 10}", [1]),
        ("{max: 10}", {"$number": "nan"}),
        ("{min: 0}", {"$number": "inf"}),
        ("{max: 10}", {"$number": "x"}),
        ("{values: [1]}", True),
        ("{values: [true]}", 1),
        ("{values: [0.9]}", "0.9"),
        ('{values: ["0.9"]}', 0.9),
        ("{values: [l1]}", "L1"),
        ("{values: [1, 2], max: 1}", 2),
        ("{max: 10}", {"$redacted": "secret-name"}),
        ("{values: ['[redacted:token] x']}", "[redacted:token] x"),
    ],
)
def test_any_other_value_is_denied(settings: str, value: object) -> None:
    assert outcome(settings, value) is Outcome.DENIED


def test_every_stage_is_judged() -> None:
    findings = judge("{max: 1}", 1, 2).findings
    assert [f.outcome for f in findings] == [Outcome.PASSED, Outcome.DENIED]
    assert findings[1].observed == f"{NAME} is 2"
    assert findings[1].where == "stage train@1"
    assert "aigf repro" in findings[1].remedy


def test_a_value_inside_a_recorded_group_is_found() -> None:
    group = {"C": 5, "deep.er": {"x": [1, 2]}, "deep": {"x": [7]}}
    for asked, wanted in (("C", 5), ("deep.x.0", 7)):
        verdict = judge(f"{{values: [{wanted}]}}", group, name="params.yaml:train",
                        asked=f"params.yaml:train.{asked}")  # fmt: skip
        assert the_finding(verdict).outcome is Outcome.PASSED
    redacted = judge("{max: 9}", {"$redacted": "secret-name"}, name="params.yaml:train")
    assert "not recorded" in the_finding(redacted).observed


@pytest.mark.parametrize("name", ["params.yaml:train.Cs", "other.yaml:train.C", "params.yaml:C"])
def test_a_parameter_that_no_stage_used_is_denied(name: str) -> None:
    finding = the_finding(judge("{max: 1}", 1, name=name))
    assert finding.outcome is Outcome.DENIED
    assert f"there are: {name}" in finding.observed
    assert the_finding(judge("{max: 1}")).outcome is Outcome.DENIED


def test_values_in_evidence_that_is_not_at_hand_are_undecided() -> None:
    evidence = replace(an_evidence(), absent=("lineage-manifest.json",))
    with pytest.raises(UndecidedError, match="not at hand"):
        judged(f'{{id: p, kind: parameters, parameters: {{"{NAME}": {{max: 1}}}}}}', evidence)


def test_a_group_is_no_value() -> None:
    finding = the_finding(judge("{max: 1}", 1, asked="params.yaml:train"))
    assert finding.observed == "params.yaml:train is a group of parameters"


@pytest.mark.parametrize(
    "rule",
    [
        "{id: p, kind: parameters}",
        "{id: p, kind: parameters, parameters: {}}",
        "{id: p, kind: parameters, parameters: {'params.yaml:a': {}}}",
        "{id: p, kind: parameters, parameters: {'params.yaml:a': 1}}",
        "{id: p, kind: parameters, parameters: {'a': {max: 1}}}",
        "{id: p, kind: parameters, parameters: {'f:a': {max: '1'}}}",
        "{id: p, kind: parameters, parameters: {'f:a': {min: 2, max: 1}}}",
        "{id: p, kind: parameters, parameters: {'f:a': {values: []}}}",
        "{id: p, kind: parameters, parameters: {'f:a': {values: [[1]]}}}",
        "{id: p, kind: parameters, parameters: {'f:a': {maximum: 1}}}",
    ],
)
def test_a_rule_of_another_form_is_refused(rule: str) -> None:
    with pytest.raises(InputError):
        a_policy(rule)
