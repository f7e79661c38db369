"""Runs code under limits of the system: more processor time or memory ends it."""

import os
import resource
import traceback
from collections.abc import Callable
from pathlib import Path

CPU_SECONDS = 1
MEMORY_BYTES = 200 * 2**20


def run_limited(work: Callable[[], str], result: Path, *, cpu_seconds: int = CPU_SECONDS) -> str:
    """Run some work in a copy of this process that may take a second and 200 MB more than now.

    Args:
        work: what to do; its text is returned.
        result: a file for that text, which the copy writes.
        cpu_seconds: where a second is too little.

    Returns:
        The text; what went wrong, when the work failed or hit a limit.
    """
    child = os.fork()
    if child == 0:
        try:
            _limit(cpu_seconds)
            result.write_text(work())
            os._exit(0)
        except BaseException:  # noqa: BLE001  # the copy must never go on with the tests
            os.write(2, traceback.format_exc().encode())
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return result.read_text() if code == 0 else f"ended with {code}: too slow, large or broken"


def _limit(cpu_seconds: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
