"""The README's first example: files alone, without DVC and git, through the real command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = """\
required_metadata: [training_data_source, bias_mitigation_strategy, model_card_version, responsible_owner]
required_metrics: {fairness_score_min: 0.8, p95_latency_ms_max: 500}
"""  # noqa: E501  # as the README has it
CARD = {
    "training_data_source": "HMDA 1990, Boston",
    "bias_mitigation_strategy": "reweighing",
    "model_card_version": "1.0.0",
    "responsible_owner": "credit-risk@example.com",
}
METRICS = {"fairness_score": 0.85, "p95_latency_ms": 120}


def as_card(fields: dict[str, str]) -> str:
    lines = [f"  {name}: {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["---", "governance:", *lines, "---", "# A model", ""])


def check(
    folder: Path, card: str, metrics: str, policy: str = POLICY, *arguments: str
) -> subprocess.CompletedProcess[str]:
    for name, text in (("MODEL_CARD.md", card), ("metrics.json", metrics), ("policy.yaml", policy)):
        (folder / name).write_text(text)
    files = ("--card", "MODEL_CARD.md", "--metrics", "metrics.json", "--policy", "policy.yaml")
    return subprocess.run(
        [sys.executable, "-m", "aigf_dvc", "check", *files, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_complete_metadata_and_good_metrics_pass(tmp_path: Path) -> None:
    done = check(tmp_path, as_card(CARD), json.dumps(METRICS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_a_missing_field_is_denied_by_its_name(tmp_path: Path) -> None:
    fields = {name: value for name, value in CARD.items() if name != "bias_mitigation_strategy"}
    done = check(tmp_path, as_card(fields), json.dumps(METRICS))
    assert done.returncode == 1
    assert "bias_mitigation_strategy is missing" in done.stdout


def test_a_low_fairness_is_denied_naming_both_numbers(tmp_path: Path) -> None:
    done = check(tmp_path, as_card(CARD), json.dumps(METRICS | {"fairness_score": 0.75}))
    assert done.returncode == 1
    assert "fairness_score is 0.75" in done.stdout
    assert "at least 0.8" in done.stdout


@pytest.mark.parametrize(("latency", "code"), [(500, 0), (500.01, 1), (501, 1)])
def test_a_high_latency_is_denied(tmp_path: Path, latency: float, code: int) -> None:
    done = check(tmp_path, as_card(CARD), json.dumps(METRICS | {"p95_latency_ms": latency}))
    assert done.returncode == code
    assert f"p95_latency_ms is {latency}" in done.stdout
    assert "at most 500" in done.stdout


def test_machines_get_json(tmp_path: Path) -> None:
    metrics = json.dumps(METRICS | {"fairness_score": 0.75})
    done = check(tmp_path, as_card(CARD), metrics, POLICY, "--format", "json")
    verdict = json.loads(done.stdout)["verdicts"][0]
    assert (done.returncode, verdict["result"]) == (1, "denied")
    denied = [finding for finding in verdict["findings"] if finding["outcome"] == "denied"]
    assert [finding["observed"] for finding in denied] == ["fairness_score is 0.75"]


@pytest.mark.parametrize(
    ("card", "metrics", "policy", "code", "words"),
    [
        ("", json.dumps(METRICS), POLICY, 2, "MODEL_CARD.md"),
        ("no front matter", json.dumps(METRICS), POLICY, 2, "front matter"),
        ("---\na: 1\na: 2\n---\n", json.dumps(METRICS), POLICY, 2, "second time"),
        (as_card(CARD), "", POLICY, 3, "metrics.json"),
        (as_card(CARD), "[1, 2]", POLICY, 3, "mapping"),
        (as_card(CARD), '{"fairness_score": NaN}', POLICY, 3, "NaN"),
        (as_card(CARD), '{"a": 1, "a": 2}', POLICY, 3, "twice"),
        (as_card(CARD), "[" * 100_000, POLICY, 3, "metrics.json"),
        (as_card(CARD), json.dumps(METRICS), "", 2, "policy.yaml"),
        (as_card(CARD), json.dumps(METRICS), "rules: 1", 2, "policy.yaml"),
        (as_card(CARD), json.dumps(METRICS), "required_metadata: [a", 2, "policy.yaml"),
    ],
)
def test_a_bad_file_gives_one_clear_error(
    tmp_path: Path, card: str, metrics: str, policy: str, code: int, words: str
) -> None:
    done = check(tmp_path, card, metrics, policy)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_policy_of_which_nothing_applies_denies(tmp_path: Path) -> None:
    done = check(tmp_path, as_card(CARD), json.dumps(METRICS), "required_metadata: []\n")
    assert done.returncode in {1, 2}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aigf_dvc", "check", "--card", "gone.md"]
        + ["--metrics", "m.json", "--policy", "p.yaml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "p.yaml: no such file" in done.stderr
