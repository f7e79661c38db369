"""Runs programs and tells what they cost; two that are compared run in turn.

Ours and theirs run under the same interpreter, isolated (`-I`) as in a git hook, with the same
environment: no `GIT_*`, no configuration of the user's, and DVC's usage statistics switched off.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from benchmarks.inside import Times

_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a program cost, with what it started itself."""

    wall_s: float
    cpu_s: float  # user and system time
    peak_bytes: int  # resident memory
    output: bytes


class ProgramError(Exception):
    """A measured program failed: there is nothing to compare."""


def aigf(*arguments: str) -> tuple[str, ...]:
    """Return our command line."""
    return python("aigf_dvc", *arguments)


def dvc(*arguments: str) -> tuple[str, ...]:
    """Return DVC's command line."""
    return python("dvc", *arguments)


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of an installed module."""
    return (sys.executable, "-I", "-m", module, *arguments)


def inside(work: str, *paths: Path) -> Cost:
    """Run a piece of `benchmarks.inside` in a Python of its own."""
    module = ("-m", "benchmarks.inside", work, *map(str, paths))
    return run((sys.executable, *module), Path(__file__).resolve().parent.parent)


def times(cost: Cost) -> Times:
    """Return what `benchmarks.inside` measured."""
    return Times(**json.loads(cost.output.splitlines()[-1]))


def environment() -> dict[str, str]:
    """Return the environment of every program here."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    path = os.pathsep.join((str(Path(sys.executable).parent), kept.get("PATH", os.defpath)))
    return kept | {
        "PATH": path,
        "DVC_NO_ANALYTICS": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Benchmark",
        "GIT_AUTHOR_EMAIL": "benchmark@example.com",
        "GIT_COMMITTER_NAME": "Benchmark",
        "GIT_COMMITTER_EMAIL": "benchmark@example.com",
    }


def run(command: tuple[str, ...], folder: Path, *, stdin: bytes = b"") -> Cost:
    """Run a program to its end.

    Raises:
        ProgramError: it is not installed, or its exit code is not 0.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(stdin)
        given.seek(0)
        start = perf_counter()
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=environment(), stdin=given, stdout=output, stderr=output
            )
        except FileNotFoundError:
            message = f"`{command[0]}` is not on the PATH: install it"
            raise ProgramError(message) from None
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        message = f"`{' '.join(command)}` ended with {process.returncode}:\n{text.decode()}"
        raise ProgramError(message)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return Cost(
        wall_s=wall_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * unit,
        output=text,
    )


def alternate(
    ours: Callable[[], _Outcome], theirs: Callable[[], _Outcome], *, runs: int
) -> tuple[list[_Outcome], list[_Outcome]]:
    """Run two things in turn, after one of each that does not count.

    Who begins changes with every pair, so that a drift of the machine favours neither.
    """
    ours()
    theirs()
    ours_found: list[_Outcome] = []
    theirs_found: list[_Outcome] = []
    for number in range(runs):
        if number % 2:
            theirs_found.append(theirs())
            ours_found.append(ours())
        else:
            ours_found.append(ours())
            theirs_found.append(theirs())
    return ours_found, theirs_found
