"""A program ends with all that it started: with real processes."""

import subprocess
import sys
import time

import pytest

from aigf_dvc.programs import process_end
from aigf_dvc.programs.process_end import descendants, end_with_children
from tests.playground import TIMEOUT
from tests.processes import all_gone

# As DVC: it waits for the shell of a stage, whose command is a child of it, and then tidies up.
PARENT = """\
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
for command in sys.argv[1:]:
    child = subprocess.Popen(["sh", "-c", command + "; true"])
    print("started", flush=True)
    child.wait()
try:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("writes", flush=True)
    signal.pause()
except KeyboardInterrupt:
    print("tidied up", flush=True)
"""


def a_program(*commands: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", PARENT, *commands], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() in (b"started\n", b"writes\n")
    waiting = time.monotonic() + TIMEOUT
    while commands and len(descendants(process.pid)) < 2:  # the shell and its command
        assert time.monotonic() < waiting
    return process


@pytest.mark.parametrize("commands", [["sleep 60"], ["sleep 60", "sleep 61"]])
def test_the_children_end_and_the_program_tidies_up(commands: list[str]) -> None:
    process = a_program(*commands)  # two: it goes on with the next, as DVC does with -k
    below = descendants(process.pid)
    end_with_children(process)
    assert process.communicate(timeout=TIMEOUT)[0].endswith(b"tidied up\n")
    assert process.returncode == 0
    assert all_gone(below)


def test_what_a_child_that_listens_late_has_started_ends_too() -> None:
    process = a_program("trap 'sleep 62; exit' TERM; sleep 60")
    below = descendants(process.pid)
    end_with_children(process)
    process.communicate(timeout=TIMEOUT)  # nobody holds the other end of its output any more
    assert all_gone(below)


def test_a_program_between_two_children_tidies_up() -> None:
    process = a_program()
    end_with_children(process)
    assert process.communicate(timeout=TIMEOUT)[0].endswith(b"tidied up\n")
    assert process.returncode == 0


def test_what_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_end, "_PATIENCE_SECONDS", 0.5)
    process = a_program("trap '' TERM; sleep 60")
    below = descendants(process.pid)
    end_with_children(process)
    process.communicate(timeout=TIMEOUT)
    assert all_gone(below)


def test_a_program_that_has_ended_is_left_alone() -> None:
    process = subprocess.Popen(["true"])
    process.wait(timeout=TIMEOUT)
    end_with_children(process)
    assert process.returncode == 0
