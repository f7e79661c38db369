"""A run that is interrupted, ended or killed leaves nothing half done: with real DVC."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.run_records import find_run_record, stage_trust
from aigf_dvc.digests import as_sha256
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.programs.process_end import descendants
from aigf_dvc.running.run_folder import remove_abandoned
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import TIMEOUT, Playground, run
from tests.processes import all_gone

WAITS = """\
stages:
  wait: {cmd: 'echo x > one; echo $$ > started; sleep 60; true', outs: [one]}
  next: {cmd: touch went-on two, outs: [two]}
"""
IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@pytest.fixture
def place(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Playground:  # noqa: ARG001  # the home is set
    """A project with a stage that waits for ever."""
    made = Playground(tmp_path / "project")
    made.write("dvc.yaml", WAITS)
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        run(command, made.root)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return made


def started(
    place: Playground, *program: str, options: tuple[str, ...] = ()
) -> "subprocess.Popen[bytes]":
    """Start a program that runs our command, and wait until DVC runs the stage."""
    process = subprocess.Popen(
        [*program, sys.executable, "-m", "aigf_dvc", "repro", *options],
        cwd=place.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    waiting = time.monotonic() + TIMEOUT
    while not (place.root / "started").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < waiting
        time.sleep(0.01)
    return process


def nothing_is_left(place: Playground, below: set[int]) -> None:
    assert all_gone(below)
    assert '"pid"' not in place.read(".dvc/tmp/rwlock")
    assert list((place.root / ".aigf/runs").iterdir()) == []
    assert list(Path(os.environ["TMPDIR"]).glob("aigf-*")) == []


def test_ctrl_c_in_a_terminal_ends_the_stage_and_says_so_once(place: Playground) -> None:
    process = started(place, sys.executable, "-c", IN_A_TERMINAL)
    below = descendants(process.pid)
    shown = process.communicate(b"\x03", timeout=TIMEOUT)[0].decode()
    assert process.returncode == 255  # DVC's for a stage that failed
    assert shown.count("aigf: wait: not observed: its command failed (killed by signal 2)") == 1
    assert "Traceback" not in shown
    nothing_is_left(place, below)


@pytest.mark.slow
def test_a_termination_ends_dvc_and_its_stage_too(place: Playground) -> None:
    process = started(place, options=("-k",))
    below = descendants(process.pid)
    assert len(below) > 2
    process.send_signal(signal.SIGTERM)
    shown = process.communicate(timeout=TIMEOUT)[0].decode()
    assert process.returncode == 128 + signal.SIGTERM
    assert "aigf: ended by SIGTERM, and with it DVC and the stage that it ran" in shown
    assert "Traceback" not in shown
    assert not (place.root / "went-on").exists()
    nothing_is_left(place, below)


def test_a_termination_before_dvc_runs_leaves_no_folder(place: Playground) -> None:
    folder = Path(os.environ["TMPDIR"])
    command = [sys.executable, "-m", "aigf_dvc", "repro"]
    process = subprocess.Popen(command, cwd=place.root, stderr=subprocess.PIPE)
    waiting = time.monotonic() + TIMEOUT
    while not list(folder.iterdir()):
        assert time.monotonic() < waiting
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=TIMEOUT)[1].decode()
    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in said
    assert list(folder.rglob("*")) == [], said


def test_the_folder_of_a_killed_run_stays_as_long_as_its_dvc_lives(place: Playground) -> None:
    process = started(place)
    below = descendants(process.pid)
    folder = Path(os.environ["TMPDIR"])
    (left,) = folder.iterdir()
    process.kill()
    process.wait(timeout=TIMEOUT)
    remove_abandoned(folder)
    assert (left / "shell").is_dir()
    for pid in below:
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=TIMEOUT)
    assert all_gone(below)
    remove_abandoned(folder)
    assert list(folder.iterdir()) == []


CHAIN = """\
stages:
  a: {cmd: touch started; cp src one, deps: [src], outs: [one]}
  b: {cmd: ["mkdir -p two; cp one two/x", cp src two/y], deps: [one, src], outs: [two]}
  c: {cmd: cp two/y three, deps: [two], outs: [three]}
"""
# Each is waited for to change: then the run that changed it, and all of its processes, are killed.
MOMENTS = (".aigf", "TMPDIR", "started", "dvc.lock", ".aigf/runs", "two/x", ".dvc/tmp/rwlock")


def sign_of(place: Playground, moment: str) -> object:
    path = Path(os.environ["TMPDIR"]) if moment == "TMPDIR" else place.root / moment
    try:
        return sorted(path.iterdir()) if path.is_dir() else path.stat().st_mtime_ns
    except OSError:
        return None


@pytest.mark.slow
def test_a_run_that_is_killed_is_no_obstacle_to_the_next(place: Playground) -> None:
    place.write("dvc.yaml", CHAIN)
    for number, moment in enumerate(MOMENTS):
        place.write("src", f"{number}\n")
        before = sign_of(place, moment)
        process = subprocess.Popen(
            [sys.executable, "-m", "aigf_dvc", "repro"],
            cwd=place.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        waiting = time.monotonic() + TIMEOUT
        while sign_of(place, moment) == before:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < waiting
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
        said = process.communicate(timeout=TIMEOUT)[0].decode()
        assert "ERROR" not in said, (moment, said)
        again = place.aigf("repro")
        assert again.returncode == 0, (moment, again.stdout, again.stderr)
    cut_short = place.root / ".aigf/runs" / f"{'0' * 64}.json.{2**22 + 1}"  # no such process
    cut_short.write_text("{")
    last = place.aigf("repro")
    assert last.returncode == 0, last.stderr
    assert list(Path(os.environ["TMPDIR"]).glob("aigf-*/in-use")) == []
    assert place.read("three") == place.read("src")
    pipeline = read_pipeline(WorkingTree(place.root))
    levels = {stage_trust(pipeline, a, place.root).level for a in pipeline.stages}
    assert levels == {TrustLevel.OBSERVED}
    assert not cut_short.exists()
    for record in (place.root / ".aigf/runs").iterdir():
        key = as_sha256(record.stem)
        assert key is not None
        assert find_run_record(place.root, key) is not None
