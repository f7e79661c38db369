"""`aigf policy test` finds cases, and answers with an exit code that a pipeline understands."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aigf_dvc.actions.policy_test import run_cases
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from tests.playground import Playground, run

SHIPPED = Path(__file__).parent.parent.parent / "policies"
POLICY = "required_metrics: {score_min: 0.8, latency_max: 500}\n"
GUIDE_POLICY = """\
id: p
version: "1"
rules:
  - {id: fairness, kind: metric, metric: fairness_score, min: 0.8}
  - {id: bias, kind: document, document: bias-analysis, max_age: 365d}
"""
CASES = """\
today: 2026-11-26
cases:
  - name: fair
    evidence: {metrics: {score: 0.9, latency: 1}}
    expect: {result: passed}
  - name: unfair
    evidence: {metrics: {score: 0.7, latency: 1}}
    expect: {result: denied, findings: {score_min: denied, latency_max: passed}}
"""


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def aigf(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aigf_dvc", "policy", "test", *arguments]
    return run(command, folder, check=False)


def test_the_shipped_policies_say_what_their_cases_expect() -> None:
    report = run_cases([SHIPPED], start=SHIPPED)
    tested = {Path(policy.policy).name for policy in report.coverage}
    assert tested == {path.name for path in SHIPPED.glob("*.yaml")}
    assert report.is_met
    assert report.is_covered


def test_the_cases_of_the_guide_are_met(tmp_path: Path) -> None:
    guide = (SHIPPED / "tests" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    (cases,) = blocks
    write(tmp_path, policy_yaml=GUIDE_POLICY, tests__guide_yaml=cases)
    report = run_cases([tmp_path], start=tmp_path)
    assert len(report.results) == 3
    assert report.is_met


def test_cases_lie_beside_the_policy_or_in_a_folder_of_tests(tmp_path: Path) -> None:
    write(tmp_path, policy_yaml=POLICY, policy_tests_yaml=CASES)
    write(tmp_path, tests__more_yaml="policy: ../policy.yaml\n" + CASES)
    report = run_cases([tmp_path], start=tmp_path)
    assert [Path(file.path).name for file in report.files] == ["policy.tests.yaml", "more.yaml"]
    assert {file.policy for file in report.files} == {str(tmp_path / "policy.yaml")}
    assert len(report.coverage) == 1
    assert run_cases([], start=tmp_path) == report


def test_in_a_project_they_are_beside_the_policy_that_it_names(playground: Playground) -> None:
    playground.write(
        "governance/policy.tests.yaml",
        "today: 2026-11-26\ncases:\n  - {name: nothing is known, expect: {result: denied}}\n",
    )
    done = playground.aigf("policy", "test")
    assert done.returncode == 0, done.stderr
    assert "✔ nothing is known" in done.stdout
    assert "1 case, all as expected" in done.stdout
    assert "never seen to pass" in done.stdout


def test_a_case_that_is_not_met_is_a_no(tmp_path: Path) -> None:
    write(tmp_path, policy_yaml=POLICY, policy_tests_yaml=CASES.replace("0.7", "0.8"))
    done = aigf(tmp_path)
    assert done.returncode == 1
    assert "✘ unfair" in done.stdout
    assert "score_min: expected denied, found passed" in done.stdout


def test_the_rules_of_other_files_are_tested_too(tmp_path: Path) -> None:
    part = b"rules:\n  - {id: score_min, kind: metric, metric: score, min: 0.8}\n"
    other = "{id: latency_max, kind: metric, metric: latency, max: 500}"
    write(tmp_path, part_yaml=part.decode(), policy_tests_yaml=CASES)
    pin = f"includes: [{{path: part.yaml, sha256: {sha256(part)}}}]"
    write(tmp_path, policy_yaml=f'id: p\nversion: "1"\n{pin}\nrules:\n  - {other}\n')
    assert run_cases([tmp_path], start=tmp_path).is_met


def test_coverage_is_demanded_only_on_request(tmp_path: Path) -> None:
    write(tmp_path, policy_yaml=POLICY, policy_tests_yaml=CASES)
    assert aigf(tmp_path).returncode == 0
    done = aigf(tmp_path, "--require-coverage")
    assert done.returncode == 1
    assert "! latency_max  never seen to refuse" in done.stdout
    slow = CASES.replace("latency: 1}", "latency: 501}", 1).replace("passed}", "denied}", 1)
    write(tmp_path, slow_yaml=POLICY, tests__slow_yaml="policy: ../policy.yaml\n" + slow)
    assert aigf(tmp_path, "--require-coverage").returncode == 0


def test_no_case_is_never_a_pass(tmp_path: Path) -> None:
    done = aigf(tmp_path)
    assert done.returncode == 2
    assert "no cases" in done.stderr
    write(tmp_path, policy_yaml=POLICY, policy_tests_yaml="cases: []\n")
    assert aigf(tmp_path).returncode == 2


def test_cases_for_another_rule_or_no_policy_are_refused(tmp_path: Path) -> None:
    write(tmp_path, policy_yaml=POLICY, policy_tests_yaml=CASES.replace("score_min", "score_mim"))
    with pytest.raises(InputError, match="did you mean `score_min`"):
        run_cases([tmp_path], start=tmp_path)
    write(tmp_path, lost_yaml=CASES)
    with pytest.raises(InputError, match="the cases name no policy"):
        run_cases([tmp_path / "lost.yaml"], start=tmp_path)
    write(tmp_path, lost_yaml="policy: absent.yaml\n" + CASES)
    with pytest.raises(InputError, match="no such file"):
        run_cases([tmp_path / "lost.yaml"], start=tmp_path)


def test_the_result_comes_as_json_and_junit(tmp_path: Path) -> None:
    write(tmp_path, policy_yaml=POLICY, policy_tests_yaml=CASES)
    found = json.loads(aigf(tmp_path, "--format", "json").stdout)
    assert (found["passed"], len(found["files"][0]["cases"])) == (True, 2)
    done = aigf(tmp_path, "--format", "junit", "--output", "out.xml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "wrote out.xml\n")
    assert (tmp_path / "out.xml").read_text().startswith("<?xml")
