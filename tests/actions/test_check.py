"""Check: the verdict on a working tree, a commit, or plain files."""

import json
import shutil
from pathlib import Path

import pytest

from aigf_dvc.actions.caller_file import read_file
from tests.limits import run_limited
from tests.playground import METRICS, MODEL, Playground


def test_the_working_tree_and_the_commit_pass(playground: Playground) -> None:
    for arguments in ((), ("--rev", "HEAD"), ("scorer",), ("--at", "attest", "--rev", "HEAD")):
        outcome = playground.aigf("check", *arguments)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_policy_without_end_is_not_read_to_its_end(playground: Playground) -> None:
    endless = playground.aigf("check", "--policy", "/dev/zero")
    assert endless.returncode == 2
    assert "/dev/zero: more than 256 MiB" in endless.stderr


def test_no_data_is_needed_to_judge_a_clone(playground: Playground, tmp_path: Path) -> None:
    clone = playground.clone(tmp_path / "clone")
    assert clone.aigf("check").returncode == 0


def test_a_denial_names_the_rule_the_number_and_the_place(playground: Playground) -> None:
    playground.replace(METRICS, "0.9", "0.1")
    outcome = playground.aigf("check", "--format", "json")
    assert outcome.returncode == 1
    (verdict,) = json.loads(outcome.stdout)["verdicts"]
    denied = {f["rule"]: f for f in verdict["findings"] if f["outcome"] == "denied"}
    assert set(denied) == {"fairness", "lineage"}
    assert METRICS in denied["fairness"]["where"]


def test_the_model_is_hashed_although_dvc_believes_it_unchanged(playground: Playground) -> None:
    playground.edit_keeping_size_and_mtime(MODEL)
    outcome = playground.aigf("check")
    assert outcome.returncode == 1
    assert MODEL in outcome.stdout


def test_a_rule_that_wants_verified_data_reads_it_and_misses_it(playground: Playground) -> None:
    playground.replace(
        "governance/policy.yaml", "edges: consistent", "edges: consistent\n    data: verified"
    )
    assert playground.aigf("check").returncode == 0
    playground.edit_keeping_size_and_mtime("data/raw.csv")
    assert playground.aigf("check").returncode == 1
    (playground.root / "data/raw.csv").unlink()
    assert playground.aigf("check").returncode == 0  # DVC's cache has the bytes
    shutil.rmtree(playground.root / ".dvc/cache")
    assert playground.aigf("check").returncode == 1


def test_a_rule_that_wants_a_clean_tree_sees_what_git_status_does_not(
    playground: Playground,
) -> None:
    playground.replace(
        "governance/policy.yaml", "edges: consistent", "edges: consistent\n    clean_tree: true"
    )
    playground.commit()
    assert playground.aigf("check").returncode == 0
    playground.git("update-index", "--assume-unchanged", "MODEL_CARD.md")
    playground.write("MODEL_CARD.md", playground.read("MODEL_CARD.md") + "\nmore\n")
    assert playground.git("status", "--short") == ""
    assert playground.aigf("check").returncode == 1


def test_a_missing_card_or_metric_is_denied_not_overlooked(playground: Playground) -> None:
    shutil.rmtree(playground.root / ".dvc/cache")  # recorded metrics would be taken from there
    for path in ("MODEL_CARD.md", METRICS):
        kept = playground.read(path)
        (playground.root / path).unlink()
        assert playground.aigf("check").returncode == 1
        playground.write(path, kept)
    assert playground.aigf("check").returncode == 0


def test_an_unknown_model_is_wrong_usage(playground: Playground) -> None:
    outcome = playground.aigf("check", "nothing")
    assert outcome.returncode == 2
    assert "scorer" in outcome.stderr


@pytest.mark.usefixtures("home")
def test_plain_files_are_judged_without_git_and_dvc(tmp_path: Path) -> None:
    place = Playground(tmp_path / "plain")
    place.write("card.yaml", "training_data_source: rows\nowner: jane\n")
    place.write("policy.yaml", "required_metadata: [training_data_source]\n"
                "required_metrics: {fairness_score_min: 0.8}\n")  # fmt: skip
    place.write("metrics.json", '{"fairness_score": 0.85}')
    arguments = ("check", "--card", "card.yaml", "--policy", "policy.yaml", "--metrics")
    assert place.aigf(*arguments, "metrics.json").returncode == 0
    place.write("metrics.json", '{"fairness_score": 0.75}')
    assert place.aigf(*arguments, "metrics.json").returncode == 1


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("missing", ["--policy", "--metrics"])
def test_plain_files_must_all_be_named(tmp_path: Path, missing: str) -> None:
    place = Playground(tmp_path)
    given = {"--card": "c", "--policy": "p", "--metrics": "m"}
    del given[missing]
    arguments = [part for pair in given.items() for part in pair]
    assert place.aigf("check", *arguments).returncode == 2


def test_a_file_is_read_whole_and_takes_no_more_memory_than_it_has(tmp_path: Path) -> None:
    large = bytes(range(256)) * 12_289
    (tmp_path / "large").write_bytes(large)
    assert read_file(tmp_path / "large") == large
    (tmp_path / "small").write_bytes(b"a: 1\n")
    said = run_limited(lambda: read_file(tmp_path / "small").decode(), tmp_path / "said")
    assert said == "a: 1\n"
