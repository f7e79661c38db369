"""The results of a policy's cases, for people and for machines."""

import json
import re
from xml.etree import ElementTree as ET

from aigf_dvc.canonical import pretty
from aigf_dvc.policy.cases.model import CasesReport, FileResults, PolicyCoverage
from aigf_dvc.policy.cases.read import read_cases
from aigf_dvc.policy.cases.run import coverage, run_case
from aigf_dvc.report.cases_json import cases_as_json
from aigf_dvc.report.cases_junit import cases_junit
from aigf_dvc.report.cases_text import cases_text
from tests.policy.builders import a_policy

FILE = """\
today: 2026-11-26
cases:
  - name: fair
    evidence: {metrics: {score: 0.9}}
    expect: {result: passed}
  - name: "odd <name>\\e[31m & \\"more\\""
    evidence: {metrics: {score: 0.9}}
    expect: {result: denied, findings: {score: denied}}
"""
TEXT = """\
f  against governance/policy.yaml
  ✔ fair
  ✘ odd <name>\\u001b[31m & "more"  (f:6:5)
      result: expected denied, found passed
      score: expected denied, found passed
        score is 0.9 (expected at least 0.8)

governance/policy.yaml: 0 of 1 rules were seen to pass and to refuse
  ! score  never seen to refuse

2 cases: 1 not as expected"""


def a_report(text: str = FILE) -> CasesReport:
    policy = a_policy("{id: score, kind: metric, metric: score, min: 0.8}")
    results = tuple(run_case(case, policy) for case in read_cases(text.encode(), path="f").cases)
    return CasesReport(
        files=(FileResults(path="f", policy=policy.path, results=results),),
        coverage=(PolicyCoverage(policy=policy.path, rules=coverage(policy, results)),),
    )


def test_what_is_not_as_expected_is_told_with_what_was_found() -> None:
    assert cases_text(a_report(), color=False) == TEXT


def test_colours_add_nothing_but_colours() -> None:
    painted = cases_text(a_report(), color=True)
    assert "\x1b[31m✘\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9]+m", "", painted) == TEXT


def test_a_denial_that_nobody_expected_is_explained() -> None:
    text = cases_text(a_report(FILE.replace("0.9", "0.7", 1)), color=False)
    assert "      result: expected passed, found denied\n        score: score is 0.7" in text


def test_machines_get_the_same_facts() -> None:
    found = json.loads(pretty(cases_as_json(a_report())))
    assert (found["passed"], found["covered"]) == (False, False)
    assert found["coverage"] == [
        {
            "policy": "governance/policy.yaml",
            "rules": [{"rule": "score", "passed": True, "refused": False}],
        }
    ]
    (file,) = found["files"]
    fair, odd = file["cases"]
    assert (fair["passed"], fair["mismatches"]) == (True, [])
    assert odd["mismatches"][0] == {"about": "result", "expected": "denied", "found": "passed"}
    assert odd["verdict"]["result"] == "passed"


def test_junit_is_xml_that_a_parser_reads_back() -> None:
    root = ET.fromstring(cases_junit(a_report()))  # noqa: S314  # our own
    assert (root.tag, root.attrib) == ("testsuites", {"tests": "2", "failures": "1", "errors": "0"})
    (suite,) = root
    fair, odd = suite
    assert (fair.get("name"), len(fair)) == ("fair", 0)
    assert odd.get("name") == 'odd <name>\\u001b[31m & "more"'
    assert [failure.get("message") for failure in odd] == [
        "result: expected denied, found passed",
        "score: expected denied, found passed",
    ]
    assert odd[1].text == "f:6:5; score: score is 0.9 (expected at least 0.8)"


def test_no_case_is_never_a_pass() -> None:
    assert not CasesReport(files=(), coverage=()).is_met
    assert not CasesReport(files=(), coverage=()).is_covered
