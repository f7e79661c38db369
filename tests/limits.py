"""Runs a piece of Python under limits of the system: more processor time or memory ends it."""

import resource
import subprocess
import sys

from tests.playground import PACKAGE

CPU_SECONDS = 2  # one to start Python and import, one for the work
MEMORY_BYTES = 200 * 2**20  # beyond what Python itself maps
_PYTHON_MAPS = 150 * 2**20  # address space: libraries, stacks and arenas, most of it never touched


def run_limited(program: str, *arguments: str) -> str:
    """Run a program in a Python of its own and return what it printed; it may not fail."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        most = MEMORY_BYTES + _PYTHON_MAPS
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,  # no threads in this process
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout
