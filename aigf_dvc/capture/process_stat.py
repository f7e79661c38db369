"""What Linux tells of a process in /proc/PID/stat; see proc(5)."""

from pathlib import Path

STATE, PARENT, STARTED, EXIT_CODE = 0, 1, 19, 49  # places in what `stat_of` returns
ZOMBIE = "Z"


def stat_of(process: int) -> list[str]:
    """Return what the system tells of a process, without its number and name.

    Raises:
        OSError: it has ended.
    """
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()  # the name stands in parentheses, whatever is in it
