"""Runs side by side record each what it ran, and nothing of the other: with real DVC."""

import subprocess
import sys
from pathlib import Path

import pytest

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.run_records import FOLDER, stage_trust
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.run_record import parse_run_record
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import TIMEOUT, Playground, run

# Each waits a while for the other to be running, so that both are at work at the same time.
SIDES = """\
stages:
  left:
    cmd: touch here-left; sh wait.sh here-right; cp left-in left-out
    deps: [left-in]
    outs: [left-out]
  right:
    cmd: touch here-right; sh wait.sh here-left; cp right-in right-out
    deps: [right-in]
    outs: [right-out]
"""
WAIT = "for i in 0 1 2 3 4 5 6 7 8 9; do test -e $1 && exit; sleep 0.3; done\n"
BUSY = "Unable to acquire lock"  # DVC gives up when another DVC is busy for some seconds


@pytest.mark.slow
def test_two_runs_at_the_same_time_record_each_its_own(tmp_path: Path, home: Path) -> None:  # noqa: ARG001  # the home is set
    place = Playground(tmp_path / "project")
    place.write("dvc.yaml", SIDES)
    place.write("wait.sh", WAIT)
    sides = ("left", "right")
    for side in sides:
        place.write(f"{side}-in", f"{side}\n")
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        run(command, place.root)
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "aigf_dvc", "repro", side],
            cwd=place.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for side in sides
    ]
    for side, process in zip(sides, runs, strict=True):
        said = process.communicate(timeout=TIMEOUT)[0].decode()
        if process.returncode == 0:
            assert f"observed now: {side}\n" in said
        else:
            assert BUSY in said
            assert ("Running stage" in said) == ("DVC failed before it wrote to dvc.lock" in said)
    for file in (place.root / FOLDER).iterdir():
        record = parse_run_record(file.read_bytes(), where=file.name)
        assert file.name == f"{record.key}.json"
        seen = {path: one.sha256 for path, one in {**record.inputs, **record.outputs}.items()}
        bytes_of_it = sha256(f"{record.stage}\n".encode())
        assert seen == dict.fromkeys([f"{record.stage}-in", f"{record.stage}-out"], bytes_of_it)
    assert place.aigf("repro").returncode == 0
    pipeline = read_pipeline(WorkingTree(place.root))
    for side in sides:
        assert stage_trust(pipeline, side, place.root).level is TrustLevel.OBSERVED
