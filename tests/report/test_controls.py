"""Controls are claimed by rules that passed, and by nothing else."""

from msgspec.structs import replace

from aigf_dvc.policy.verdict import Outcome, Strength, worst
from aigf_dvc.report.controls import MEANINGS, claimed
from tests.report.verdict_builders import a_finding


def test_each_control_is_named_once_for_each_rule_in_order() -> None:
    found = claimed([a_finding(rule="b"), a_finding(rule="a"), a_finding(rule="a")])
    assert [(c.control, c.rule, c.strength) for c in found] == [
        ("eu-ai-act:art-10-2-f", "a", Strength.DIRECT),
        ("eu-ai-act:art-10-2-f", "b", Strength.DIRECT),
        ("nist-ai-rmf:MEASURE-2.11", "a", Strength.PARTIAL),
        ("nist-ai-rmf:MEASURE-2.11", "b", Strength.PARTIAL),
    ]


def test_a_rule_with_a_passed_and_a_denied_finding_is_denied() -> None:
    findings = [a_finding(Outcome.PASSED), a_finding(Outcome.DENIED), a_finding(Outcome.PASSED)]
    assert {c.outcome for c in claimed(findings)} == {Outcome.DENIED}


def test_only_all_passed_is_passed() -> None:
    for outcome in Outcome:
        assert worst([Outcome.PASSED, outcome]) is outcome


def test_a_finding_without_controls_evidences_none() -> None:
    assert claimed([replace(a_finding(), controls=())]) == ()


def test_every_strength_has_its_meaning() -> None:
    assert set(MEANINGS) == set(Strength)
