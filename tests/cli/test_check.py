"""`aigf check` writes each form that was asked for, about a real project."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.playground import METRICS, Playground
from tests.test_schemas import validator

STARTS = {
    "text": "✘ scorer is denied at the stage gate for production\n",
    "json": '{\n  "verdictsType": ',
    "markdown": "# aigf check: 1 model: 1 denied. ",
    "junit": '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ',
    "sarif": '{\n  "$schema": ',
    "github": "::error file=",
    "html": "<!doctype html>\n",
}


@pytest.fixture
def denied(playground: Playground) -> Playground:
    """Return a project whose model is not fair."""
    playground.replace(METRICS, "0.9", "0.1")
    playground.replace("governance/policy.yaml", "kind: metric", "kind: metric\n    title: Fair")
    return playground


@pytest.mark.slow
@pytest.mark.parametrize("form", STARTS)
def test_every_form_is_written_to_a_file_and_keeps_the_exit_code(
    denied: Playground, form: str
) -> None:
    done = denied.aigf("check", "--format", form, "--output", "report")
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr == "wrote report\n"
    written = denied.read("report")
    assert written.startswith(STARTS[form])
    assert written.endswith("\n")
    printed = denied.aigf("check", "--format", form)
    assert (printed.returncode, printed.stdout) == (1, written)


@pytest.mark.parametrize(
    ("columns", "widest"), [("30", 40), ("40", 40), ("100", 100), ("400", 120)]
)
def test_text_fits_the_terminal(denied: Playground, columns: str, widest: int) -> None:
    master, terminal = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "aigf_dvc", "check"],
        cwd=denied.root,
        env={**os.environ, "COLUMNS": columns, "NO_COLOR": "1"},
        stdout=terminal,
        check=False,
    )
    os.close(terminal)
    said = os.read(master, 1 << 16).decode()
    os.close(master)
    assert done.returncode == 1
    widths = [len(line.rstrip("\r")) for line in said.split("\n")]
    assert widest - 15 <= max(widths) <= widest


def test_json_is_what_its_schema_says(denied: Playground) -> None:
    found = json.loads(denied.aigf("check", "--format", "json").stdout)
    validator("verdict-v1").validate(found)
    assert {f["outcome"] for f in found["verdicts"][0]["findings"]} >= {"denied", "passed"}


def test_junit_and_sarif_agree_with_the_verdict(denied: Playground) -> None:
    suite = ET.fromstring(denied.aigf("check", "--format", "junit").stdout.encode())  # noqa: S314
    failed = {c.get("name") for c in suite.iter("testcase") if c.find("failure") is not None}
    log = json.loads(denied.aigf("check", "--format", "sarif").stdout)
    results = log["runs"][0]["results"]
    assert {r["ruleId"] for r in results} == failed
    assert "fairness" in failed


def test_a_finding_points_at_a_line_that_is_there(denied: Playground) -> None:
    denied.replace("MODEL_CARD.md", "reweighing of the rows", "TODO")
    log = json.loads(denied.aigf("check", "--format", "sarif").stdout)
    places = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]
        for result in log["runs"][0]["results"]
    }
    card = places["card-complete"]
    assert card["artifactLocation"]["uri"] == "MODEL_CARD.md"
    lines = denied.read("MODEL_CARD.md").split("\n")
    assert "bias_mitigation_strategy: TODO" in lines[card["region"]["startLine"] - 1]
    rule = places["fairness"]
    assert rule["artifactLocation"]["uri"] == "governance/policy.yaml"
    lines = denied.read("governance/policy.yaml").split("\n")
    assert "fairness" in lines[rule["region"]["startLine"] - 1]


def test_paths_start_at_the_top_of_the_repository(denied: Playground) -> None:
    (denied.root / "elsewhere").mkdir()
    other = denied.root / "elsewhere" / "strict.yaml"
    other.write_text(denied.read("governance/policy.yaml"))
    done = denied.aigf("check", "--format", "github", "--policy", "elsewhere/strict.yaml")
    assert done.stdout.startswith("::error file=elsewhere/strict.yaml,line=")


def test_the_page_has_the_lineage_of_each_model(denied: Playground) -> None:
    done = denied.aigf("check", "--format", "html", "--rev", "HEAD")
    assert "<h3>Lineage</h3>" in done.stdout
    assert re.search(r'aria-label="stage train: [^"]*"', done.stdout)


def test_an_undecided_model_is_in_every_form(playground: Playground) -> None:
    playground.write(METRICS, "not json")
    for form in STARTS:
        done = playground.aigf("check", "--format", form)
        assert done.returncode == 3, done.stdout + done.stderr
        assert "undecided" in done.stdout


@pytest.fixture
def files(home: Path, tmp_path: Path) -> Playground:  # noqa: ARG001  # no settings
    place = Playground(tmp_path / "plain")
    place.write("card.yaml", "training_data_source: rows\n")
    place.write("policy.yaml", "required_metrics: {fairness_score_min: 0.8}\n")
    place.write("metrics.json", '{"fairness_score": 0.85}')
    return place


def test_plain_files_are_reported_without_a_repository(files: Playground) -> None:
    arguments = ("--card", "card.yaml", "--policy", "policy.yaml", "--metrics", "metrics.json")
    for form in STARTS:
        done = files.aigf("check", *arguments, "--format", form)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Lineage" not in files.aigf("check", *arguments, "--format", "html").stdout
