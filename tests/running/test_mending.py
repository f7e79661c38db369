"""What a killed run left half written is put right, and nothing of it is lost."""

import fcntl
import json
import os
import subprocess

import pytest

from aigf_dvc.running import left_overs as left_overs_module
from aigf_dvc.running.left_overs import left_overs
from aigf_dvc.running.mending import mend
from tests.playground import Playground

HALF_A_LOCK = "schema: '2.0'\nstages:\n  train:\n    cmd:"


def test_a_lock_that_git_has_is_put_back(playground: Playground) -> None:
    whole = playground.read("dvc.lock")
    playground.write("dvc.lock", "")
    (done,) = mend(playground.root)
    assert done == (
        "dvc.lock ends too early, as a killed run leaves it: put back as git has it; what it held"
        " is in .dvc/tmp/left-over-dvc.lock"
    )
    assert playground.read("dvc.lock") == whole
    assert left_overs(playground.root) == ()


def test_a_lock_that_git_has_not_is_taken_away(playground: Playground) -> None:
    playground.git("rm", "-q", "--cached", "dvc.lock")
    playground.write("dvc.lock", HALF_A_LOCK)
    (done,) = mend(playground.root)
    assert ": taken away; what it held is in .dvc/tmp/left-over-dvc.lock" in done
    assert not (playground.root / "dvc.lock").exists()
    assert playground.read(".dvc/tmp/left-over-dvc.lock") == HALF_A_LOCK


def test_half_a_list_of_locks_is_taken_away(playground: Playground) -> None:
    playground.write(".dvc/tmp/rwlock", '{"write": {"/tmp')
    (done,) = mend(playground.root)
    assert done.startswith(".dvc/tmp/rwlock is half written")
    assert not (playground.root / ".dvc/tmp/rwlock").exists()
    assert playground.read(".dvc/tmp/left-over-dvc-tmp-rwlock") == '{"write": {"/tmp'


def locks_of(process: int, output: str) -> str:
    return json.dumps({"write": {output: {"pid": process, "cmd": "dvc repro"}}, "read": {}})


def test_the_locks_of_a_dead_run_are_taken_away_even_where_it_has_a_number_still(
    playground: Playground,
) -> None:
    playground.write("src/train.sh", playground.read("src/train.sh") + "# changed\n")
    dead = subprocess.Popen(["true"])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has asked
    playground.write(
        ".dvc/tmp/rwlock", locks_of(dead.pid, str(playground.root / "models/model.bin"))
    )
    again = playground.aigf("repro")
    dead.wait()
    assert ".dvc/tmp/rwlock has locks of a run that was killed: taken away" in again.stderr
    assert again.returncode == 0, again.stderr


def test_the_locks_of_a_run_that_lives_stay(playground: Playground) -> None:
    playground.write(".dvc/tmp/rwlock", locks_of(os.getpid(), "models/model.bin"))
    assert mend(playground.root) == ()


def test_the_locks_of_a_run_that_the_system_hides_stay(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hidden(process: int) -> list[str]:
        raise FileNotFoundError(process)

    monkeypatch.setattr(left_overs_module, "stat_of", hidden)
    playground.write(".dvc/tmp/rwlock", locks_of(os.getpid(), "models/model.bin"))
    assert mend(playground.root) == ()


def test_numbers_that_no_process_can_have_are_of_the_dead(playground: Playground) -> None:
    playground.write(".dvc/tmp/rwlock", locks_of(10**30, "models/model.bin"))
    assert len(mend(playground.root)) == 1


def test_nothing_is_mended_that_is_whole(playground: Playground) -> None:
    assert mend(playground.root) == ()


def test_nothing_is_mended_while_another_dvc_works(playground: Playground) -> None:
    playground.write("dvc.lock", "")
    with (playground.root / ".dvc/tmp/lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert mend(playground.root) == ()
    assert playground.read("dvc.lock") == ""


def test_nothing_is_mended_where_dvc_locks_in_another_way(playground: Playground) -> None:
    playground.write("dvc.lock", "")
    playground.write(".dvc/config.local", "[core]\n    hardlink_lock = true\n")
    assert mend(playground.root) == ()


@pytest.mark.parametrize("file", ["dvc.lock", ".dvc/tmp/rwlock"])
def test_the_next_run_is_no_failure(file: str, playground: Playground) -> None:
    playground.write(file, "{")
    again = playground.aigf("repro")
    assert "once more" in again.stderr
    assert again.returncode == 0, again.stderr
    assert left_overs(playground.root) == ()
