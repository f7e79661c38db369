"""Ends a program with all that it started; a signal to the program alone would leave those behind.

DVC passes no signal on to the stage that it runs. Killed, it leaves its locks, or half a file. So
the stage is asked to end, and then DVC is interrupted, as by Ctrl-C, and ends by itself.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from aigf_dvc.programs.process_stat import PARENT, STATE, ZOMBIE, stat_of

_PATIENCE_SECONDS = 10
_LOOK_SECONDS = 0.05
_AGAIN_SECONDS = 2.0  # DVC drops an interrupt that comes while it starts a command


def end_with_children(process: subprocess.Popen[bytes]) -> None:
    """Ask a program's children to end, and then the program; after a while insist."""
    until = time.monotonic() + _PATIENCE_SECONDS
    asked, below = set[int](), set[int]()
    interrupted = -_AGAIN_SECONDS
    while time.monotonic() < until:
        below = descendants(process.pid, *below)  # children of what has ended are still known
        for pid in below - asked:
            _send(pid, signal.SIGTERM)
        asked |= below
        if not below and process.poll() is not None:
            return
        if not below and time.monotonic() > interrupted + _AGAIN_SECONDS:
            _send(process.pid, signal.SIGINT)
            interrupted = time.monotonic()
        time.sleep(_LOOK_SECONDS)
    for pid in (process.pid, *descendants(process.pid, *below)):
        _send(pid, signal.SIGKILL)


def descendants(program: int, *others: int) -> set[int]:
    """Return the living processes that a program has started, and those that they have, and so on.

    Args:
        program: its process.
        others: processes that it had started before, now perhaps somebody else's children.
    """
    parents = dict(_parents())
    found = parents.keys() & set(others)
    wave = {program, *found}
    while wave:
        wave = {child for child, parent in parents.items() if parent in wave} - found
        found |= wave
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """Yield every living process with its parent: from /proc, and where there is none, from ps."""
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,stat="],  # wherever the system has it
            capture_output=True,
            text=True,
            check=False,
        )
        for line in listed.stdout.splitlines():
            pid, parent, state = line.split()
            if not state.startswith(ZOMBIE):
                yield int(pid), int(parent)
        return
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208  # names, not paths
        with contextlib.suppress(OSError):  # it has ended since
            told = stat_of(int(name))
            if told[STATE] != ZOMBIE:
                yield int(name), int(told[PARENT])


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
