"""A run's folder goes with it; one that was killed leaves it to the next run, and nothing else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aigf_dvc.programs.dvc_program import run_dvc
from aigf_dvc.running.run_folder import RunFor, remove_abandoned, run_folder
from tests.playground import TIMEOUT
from tests.processes import all_gone

KILLED = """
import os, signal, subprocess, sys
from aigf_dvc.running.run_folder import RunFor, run_folder
with run_folder(RunFor.REPRO) as made:
    (made.path / "shell").mkdir()
    (made.path / "shell" / "sh").write_text("")
    os.mkfifo(made.path / "requests")
    child = subprocess.Popen(sys.argv[1:], pass_fds=(made.lock,)) if sys.argv[1:] else None
    print(child.pid if child else 0, made.path, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary ones."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


def killed(*child: str) -> tuple[int, Path]:
    """Kill a run that has made its folder; return the process that it started, and the folder."""
    run = [sys.executable, "-c", KILLED, *child]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        number, _, path = process.stdout.readline().strip().partition(" ")
        assert process.wait(timeout=TIMEOUT) == -signal.SIGKILL
    return int(number), Path(path)


def test_a_folder_goes_with_its_run(place: Path) -> None:
    with run_folder(RunFor.EXP) as made:
        assert made.path.parent == place
        assert made.path.stat().st_mode & 0o777 == 0o700
        (made.path / "notes").write_text("some")
    assert list(place.iterdir()) == []


def test_the_folder_of_a_run_that_was_killed_goes_with_the_next(place: Path) -> None:
    _, left = killed()
    assert left.is_dir()
    with run_folder(RunFor.REPRO) as made:
        assert list(place.iterdir()) == [made.path]
        with run_folder(RunFor.EXP) as other:  # another run at the same time
            assert set(place.iterdir()) == {made.path, other.path}
    assert list(place.iterdir()) == []


def test_a_folder_stays_while_the_program_lives_that_was_started(place: Path) -> None:
    number, left = killed("sleep", "60")
    remove_abandoned(place)
    assert left.is_dir()
    os.kill(number, signal.SIGKILL)
    assert all_gone({number})
    remove_abandoned(place)
    assert not left.exists()


def test_dvc_keeps_the_folder_of_the_run_that_started_it(place: Path) -> None:
    with run_folder(RunFor.REPRO) as made:
        seen = f"test /proc/$$/fd/{made.lock} -ef {made.path}/in-use"
        command = ["sh", "-c", seen]
        env = dict(os.environ)
        assert run_dvc(command, folder=place, env=env, holds=(made.lock,)) == 0
        assert run_dvc(command, folder=place, env=env) == 1


def test_what_is_not_surely_a_folder_of_ours_stays(place: Path, tmp_path: Path) -> None:
    _, left = killed()
    away = tmp_path / "away"
    left.rename(away)
    (place / "aigf-repro-link").symlink_to(away)
    (place / "aigf-repro-file").write_text("")
    (place / "aigf-repro-no-lock").mkdir(mode=0o700)
    for name, mode in (("aigf-repro-open", 0o755), ("other", 0o700)):
        (place / name).mkdir(mode=mode)
        (place / name / "in-use").write_text("")
    (place / "aigf-repro-linked-lock").mkdir(mode=0o700)
    (place / "aigf-repro-linked-lock" / "in-use").symlink_to(away / "in-use")
    before = {path: sorted(path.iterdir()) if path.is_dir() else [] for path in place.iterdir()}
    remove_abandoned(place)
    remove_abandoned(tmp_path / "nowhere")
    assert {p: sorted(p.iterdir()) if p.is_dir() else [] for p in place.iterdir()} == before
    assert (away / "shell" / "sh").exists()
    (place / "aigf-repro-ours").mkdir(mode=0o700)
    (place / "aigf-repro-ours" / "in-use").write_text("")
    (place / "aigf-repro-ours" / "a link").symlink_to(away)
    remove_abandoned(place)
    assert not (place / "aigf-repro-ours").exists()
    assert (away / "shell" / "sh").exists()


def test_a_folder_of_somebody_else_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, left = killed()
    with monkeypatch.context() as other:
        other.setattr("os.getuid", lambda: 12345678)
        remove_abandoned(place)
    assert left.is_dir()
