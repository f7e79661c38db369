"""`aigf policy lint` holds a policy against itself and against the project that it is for."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from aigf_dvc.actions.policy_lint import lint_policy
from aigf_dvc.digests import sha256
from aigf_dvc.policy.lint.model import Level
from tests.playground import Playground, run

SHIPPED = Path(__file__).parent.parent.parent / "policies"
TODAY = date(2026, 11, 26)
POLICY = """\
id: p
version: "1"
rules:
  - id: fair
    kind: metric
    metric: fairnes_score
    min: 0.8
  - id: owner
    kind: required-fields
    fields: [responsible_owner, tags, license, nobody_knows]
  - id: bias
    kind: document
    document: bias-analysis
"""


def aigf(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aigf_dvc", "policy", "lint", *arguments]
    return run(command, folder, check=False)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.name)
def test_nothing_is_wrong_with_the_shipped_policies(path: Path, tmp_path: Path) -> None:
    _, _, remarks = lint_policy(path, start=tmp_path, today=TODAY)
    assert [r for r in remarks if r.level is not Level.INFO] == []


def test_the_policy_of_a_project_is_compared_with_the_project(playground: Playground) -> None:
    playground.write("governance/policy.yaml", POLICY)
    done = playground.aigf("policy", "lint")
    assert done.returncode == 0, done.stderr
    assert "governance/policy.yaml:6:5: warning: fair: no model" in done.stdout
    assert "did you mean `fairness_score`?" in done.stdout
    assert "governance/policy.yaml:10:5: info: owner: neither" in done.stdout
    assert "nobody_knows" in done.stdout
    assert "no model in aigf.yaml lists a document of the type bias-analysis" in done.stdout
    assert playground.aigf("policy", "lint", "--strict").returncode == 1


def test_what_the_project_has_is_not_remarked(playground: Playground) -> None:
    right = POLICY.replace("fairnes_", "fairness_").replace("bias-analysis", "risk-assessment")
    playground.write("governance/policy.yaml", right.replace(", nobody_knows", ""))
    done = playground.aigf("policy", "lint", "--strict", "--format", "json")
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)
    assert found["compared"] is True
    assert {remark["check"] for remark in found["remarks"]} == {"no-why", "no-controls"}


def test_a_rule_of_another_file_is_remarked_where_it_stands(tmp_path: Path) -> None:
    part = b"rules:\n  - {id: old, kind: lineage, expires: 2026-01-01}\n"
    (tmp_path / "part.yaml").write_bytes(part)
    pin = f"includes: [{{path: part.yaml, sha256: {sha256(part)}}}]\n"
    (tmp_path / "p.yaml").write_text(pin + POLICY)
    _, _, remarks = lint_policy(tmp_path / "p.yaml", start=tmp_path, today=TODAY)
    (expired,) = [remark for remark in remarks if remark.check == "expired-rule"]
    assert expired.where == f"{tmp_path / 'part.yaml'}:2:30"


def test_an_error_is_a_no(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("required_metrics: {a_min: 1}\nexpires: 2026-01-01\n")
    assert aigf(tmp_path, "p.yaml").returncode == 2  # the short form has no such key
    (tmp_path / "p.yaml").write_text(POLICY + "    severity: warn\nexpires: 2026-01-01\n")
    done = aigf(tmp_path, "p.yaml")
    assert done.returncode == 1
    assert "p.yaml:15:1: error: the policy expired on 2026-01-01" in done.stdout
    assert "names of metrics and documents were not compared" in done.stderr


def test_without_a_policy_there_is_nothing_to_lint(tmp_path: Path) -> None:
    done = aigf(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no policy" in done.stderr


def test_a_policy_that_does_not_load_is_refused_with_its_column(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(POLICY.replace("metric: fairnes_score", "metrc: a"))
    done = aigf(tmp_path, "p.yaml")
    assert done.returncode == 2
    assert "p.yaml:6:5: the unknown key `metrc`" in done.stderr
    assert "did you mean `metric`?" in done.stderr
