"""Calls what must not wait for somebody who never comes, and tells what another waits for."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_SECONDS = 30  # by then it waits for ever


def error_of(call: Callable[[], object]) -> str:
    """Return the words of the error that a call ends with; empty when it ends with none."""
    said: list[str] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  # of any kind: the test reads the words
            said.append(str(error))
        else:
            said.append("")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    assert said, "it waits"
    return said[0]


def handles_of(pid: int, ours: int) -> int:
    """Return how many handles a process has of what is behind one of ours."""
    behind = os.readlink(f"/proc/self/fd/{ours}")  # noqa: PTH115  # no path: `pipe:[7]`
    found = 0
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed since
            found += os.readlink(handle) == behind  # noqa: PTH115
    return found
