"""What tests ask about processes."""

import time
from pathlib import Path

from tests.playground import TIMEOUT


def alive(pids: set[int]) -> set[int]:
    """Return the processes that still run; one that nobody has asked about yet does not."""
    found = set()
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            continue
        if ") Z " not in text:
            found.add(pid)
    return found


def all_gone(pids: set[int]) -> bool:
    """Wait for processes that were told to end, and tell whether they did."""
    waiting = time.monotonic() + TIMEOUT / 4
    while alive(pids) and time.monotonic() < waiting:
        time.sleep(0.02)
    return not alive(pids)
