"""JUnit XML is read back with an XML parser and with junitparser, which CI systems resemble."""

from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite

from aigf_dvc.policy.verdict import Outcome
from aigf_dvc.report.verdict_junit import verdict_junit
from aigf_dvc.report.verdict_report import Report
from aigf_dvc.report.visible import visible
from tests.report.hostile import HOSTILE
from tests.report.verdict_builders import (
    a_finding,
    a_model,
    a_report,
    hostile_report,
    one_of_each,
)

KINDS = {Failure: "failure", Error: "error", Skipped: "skipped"}


def suites(report: Report) -> list[TestSuite]:
    return list(JUnitXml.fromstring(verdict_junit(report).encode()))


def outcomes(suite: TestSuite) -> dict[str, list[str]]:
    return {case.name: [KINDS[type(r)] for r in case.result] for case in suite}


def test_a_model_is_a_suite_and_a_rule_is_a_case() -> None:
    fraud, churn, scorer = suites(one_of_each())
    assert outcomes(fraud) == {
        "rule-passed": [],
        "rule-denied": ["failure"],
        "rule-warned": ["skipped"],
        "rule-waived": ["skipped"],
        "rule-deferred": ["skipped"],
        "rule-not-applicable": ["skipped"],
        "card-complete": ["failure"],
    }
    assert outcomes(churn) == {"verdict": ["error"]}
    assert outcomes(scorer) == {"fairness": []}
    assert [suite.name for suite in (fraud, churn, scorer)] == ["fraud", "churn", "scorer"]


def test_the_counts_are_those_of_the_cases() -> None:
    report = one_of_each()
    whole = JUnitXml.fromstring(verdict_junit(report).encode())
    told = (whole.tests, whole.failures, whole.errors, whole.skipped)
    each = [(s.tests, s.failures, s.errors, s.skipped) for s in whole]
    assert each == [(7, 2, 0, 4), (1, 0, 1, 0), (1, 0, 0, 0)]
    assert told == tuple(map(sum, zip(*each, strict=True)))
    whole.update_statistics()  # type: ignore[no-untyped-call]  # the library has none
    assert (whole.tests, whole.failures, whole.errors, whole.skipped) == told


def test_a_failure_says_what_was_found_and_what_to_do() -> None:
    (case,) = [c for c in suites(one_of_each())[0] if c.name == "rule-denied"]
    (result,) = case.result
    assert result.message == "denied: fairness_score is 0.75; expected at least 0.8"
    assert "to do: raise it by at least 0.05" in result.text
    assert "rule: governance/policy.yaml:12, for 2 controls" in result.text


def test_a_rule_with_several_findings_is_one_case_with_its_worst() -> None:
    report = a_report(a_model(a_finding(Outcome.PASSED), a_finding(Outcome.DENIED)))
    assert outcomes(suites(report)[0]) == {"fairness": ["failure"]}
    report = a_report(a_model(a_finding(Outcome.PASSED), a_finding(Outcome.DEFERRED)))
    assert outcomes(suites(report)[0]) == {"fairness": ["skipped"]}


def test_nothing_judged_is_an_error() -> None:
    (suite,) = suites(a_report())
    assert outcomes(suite) == {"check": ["error"]}
    root = ET.fromstring(verdict_junit(a_report()))  # noqa: S314  # our own
    assert (root.get("tests"), root.get("errors")) == ("1", "1")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_as_text(text: str) -> None:
    shown = " ".join(visible(text).split())

    def tags(report: Report) -> list[str]:
        return [e.tag for e in ET.fromstring(verdict_junit(report).encode()).iter()]  # noqa: S314

    report = hostile_report([text])
    assert tags(report) == tags(hostile_report(["tame"]))
    root = ET.fromstring(verdict_junit(report).encode())  # noqa: S314  # our own
    (suite,) = root
    assert " ".join(str(suite.get("name")).split()) == shown
    names = {" ".join(str(case.get("name")).split()) for case in suite.iter("testcase")}
    assert names == {"verdict", *(f"{outcome} {shown}" for outcome in Outcome)}
    for failure in suite.iter("failure"):
        assert f"found: {visible(text)}\n" in str(failure.text)
    assert outcomes(suites(report)[0])["verdict"] == ["error"]
