"""Experiments are observed in the workspace, in copies and in the queue: with real DVC and git."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aigf_dvc.actions.exp import run_experiments
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.run_records import FOLDER, stage_trust
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.run_record import RunRecord, parse_run_record
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import TIMEOUT, Playground, run

pytestmark = pytest.mark.slow


def records(place: Playground) -> list[RunRecord]:
    """Return the run records; each is strictly canonical, and is named by its key."""
    found = []
    for file in sorted((place.root / FOLDER).glob("*.json")):
        record = parse_run_record(file.read_bytes(), where=file.name)
        assert file.name == f"{record.key}.json"
        found.append(record)
    return found


def depths(place: Playground) -> list[str]:
    trained = (record for record in records(place) if record.stage == "train")
    return sorted(str(record.parameters["params.yaml"]["train.depth"]) for record in trained)


def levels(place: Playground) -> dict[str, TrustLevel]:
    pipeline = read_pipeline(WorkingTree(place.root))
    return {a: stage_trust(pipeline, a, place.root).level for a in pipeline.stages}


def without_pipes(place: Playground, *arguments: str) -> None:
    """Run what starts workers: they keep the streams that they get, so nobody may wait for these.

    No time-out: each experiment takes DVC many seconds.
    """
    done = subprocess.run(
        [sys.executable, "-m", "aigf_dvc", *arguments],
        cwd=place.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0


@pytest.fixture
def place(playground: Playground) -> Playground:
    """A project whose training reads its parameter, so that each experiment is another model."""
    playground.write(
        "src/train.sh",
        "mkdir -p models; (grep depth params.yaml; cat data/clean.csv) > models/model.bin\n",
    )
    playground.commit("read the depth")
    return playground


def test_an_experiment_in_the_workspace_is_observed_with_the_parameters_that_dvc_set(
    place: Playground,
) -> None:
    done = place.aigf("exp", "run", "-S", "train.depth=5")
    assert done.returncode == 0, done.stderr
    assert "recorded: train, evaluate" in done.stderr
    assert depths(place) == ["5"]
    assert levels(place) == {
        "prepare": TrustLevel.DECLARED,
        "train": TrustLevel.OBSERVED,
        "evaluate": TrustLevel.OBSERVED,
    }
    assert place.git("status", "--short").split() == ["M", "dvc.lock", "M", "params.yaml"]


def test_an_experiment_in_a_copy_counts_when_it_is_applied(place: Playground) -> None:
    before = levels(place)
    place.replace("params.yaml", "depth: 3", "depth: 7")
    done = place.aigf("exp", "run", "--temp", "--name", "deep", "../dvc.yaml", folder="src")
    place.git("checkout", "--quiet", "params.yaml")
    assert done.returncode == 0, done.stderr
    assert "deep: recorded:" in done.stderr
    assert levels(place) == before
    assert not list((place.root / ".dvc/tmp/exps").rglob(FOLDER))
    place.dvc("exp", "apply", "deep")
    place.commit("deep")
    assert levels(place)["train"] is TrustLevel.OBSERVED
    assert depths(place) == ["7"]
    assert {record.directory for record in records(place)} == {""}


def test_queued_experiments_that_run_side_by_side_are_all_observed(place: Playground) -> None:
    place.dvc("exp", "run", "--queue", "-S", "train.depth=8,9")
    without_pipes(place, "exp", "run", "--run-all", "-j", "2")
    assert depths(place) == ["8", "9"]
    for name in place.dvc("exp", "list", "--name-only").split():
        place.git("checkout", "--quiet", "--", ".")
        place.dvc("exp", "apply", name)
        assert levels(place)["train"] is TrustLevel.OBSERVED, name


def test_a_worker_in_the_background_observes_after_the_command_has_ended(
    place: Playground,
) -> None:
    place.dvc("exp", "run", "--queue", "-S", "train.depth=4")
    try:
        without_pipes(place, "exp", "start")
        waiting = time.monotonic() + TIMEOUT
        while depths(place) != ["4"]:
            assert time.monotonic() < waiting
            time.sleep(0.2)
    finally:
        place.dvc("queue", "stop")


def test_a_stage_that_fails_in_an_experiment_leaves_no_record_and_says_so(
    place: Playground,
) -> None:
    place.write("src/train.sh", "exit 3\n")
    place.commit("fail")
    command = [sys.executable, "-m", "aigf_dvc", "exp", "run", "--name", "bad"]
    done = run(command, place.root, check=False)
    assert done.returncode == run(["dvc", "exp", "run"], place.root, check=False).returncode != 0
    assert "bad: train: not observed: its command failed (exit code 3)" in done.stderr
    assert "train" not in {record.stage for record in records(place)}


def test_where_nothing_can_be_kept_for_workers_dvc_runs_unobserved(place: Playground) -> None:
    plans = place.root / ".aigf/recorder"
    plans.parent.mkdir(exist_ok=True)
    plans.write_text("in the way")
    result = run_experiments(place.project, ["exp", "run"], start=place.root, in_background=True)
    assert result.exit_code == 0
    assert ".aigf/recorder: cannot be written" in result.problem
    assert records(place) == []


def test_the_image_that_the_caller_states_is_recorded_as_stated(place: Playground) -> None:
    digest = "0" * 64
    image = f"registry.example/train:1@sha256:{digest}"
    done = place.aigf("exp", "run", "-S", "train.depth=2", extra={"AIGF_CONTAINER_IMAGE": image})
    assert done.returncode == 0, done.stderr
    (trained,) = (record for record in records(place) if record.stage == "train")
    assert json.loads(json.dumps(trained.environment["containerImage"])) == {
        "statedByCaller": True,
        "name": "registry.example/train:1",
        "digest": {"sha256": digest},
    }
    assert Path(place.root / FOLDER).is_dir()
