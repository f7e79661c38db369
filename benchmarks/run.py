"""`python -m benchmarks.run [--quick] [NAME...]`: prints all measurements of one run in one table.

Ends with 1 when a bound is not held, and with 2 when something could not be measured.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import (
    capture,
    check,
    hashing,
    history,
    new_data,
    policy,
    pre_push,
    repro,
    startup,
    unchanged,
    verify,
    verify_many,
)
from benchmarks.process import ProgramError
from benchmarks.result import Result, Row

_MEASUREMENTS: dict[str, Callable[..., Result]] = {
    "check": check.measure,
    "pre-push": pre_push.measure,
    "policy": policy.measure,
    "verify": verify.measure,
    "verify-directory": verify.measure_directory,
    "verify-many": verify_many.measure,
    "hashing": hashing.measure,
    "new-data": new_data.measure,
    "unchanged": unchanged.measure,
    "capture": capture.measure,
    "history": history.measure,
    "startup": startup.measure,
    "repro": repro.measure,
}
_RUNS = 11
_QUICK_RUNS = 3
_HEADINGS = ("measurement", "ours", "theirs", "figure", "spread", "bound", "held?", "runs")


def main(arguments: Sequence[str]) -> int:
    """Measure what the command line names, all by default, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK_RUNS} runs, not {_RUNS}")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_MEASUREMENTS))
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in _MEASUREMENTS]
    if unknown:
        parser.error(f"no measurement named {unknown[0]!r}; there are {', '.join(_MEASUREMENTS)}")
    results, failed = [], False
    for name in options.names or _MEASUREMENTS:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        try:
            results.append(_measure(name, _QUICK_RUNS if options.quick else _RUNS))
        except ProgramError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
    _print(results)
    if failed:
        return 2
    return 1 if any(row.held is False for result in results for row in result.rows) else 0


def _measure(name: str, runs: int) -> Result:
    with tempfile.TemporaryDirectory(prefix=f"aigf-bench-{name}-") as folder:
        return _MEASUREMENTS[name](Path(folder).resolve(), runs=runs)


def _print(results: Sequence[Result]) -> None:
    lines = [_HEADINGS, *(_cells(row) for result in results for row in result.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    for number, line in enumerate(lines):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
        if not number:
            print("  ".join("-" * width for width in widths))
    print()
    for fact in _facts():
        print(fact)
    print(
        "times: medians; figure: their ratio; spread: the smallest and largest ratio of two runs "
        "that stood side by side; no bound: for information"
    )
    for note in (note for result in results for note in result.notes):
        print(note)


def _cells(row: Row) -> tuple[str, ...]:
    bound = f"{row.bound.kind} {row.bound.limit:g}{row.unit}" if row.bound else ""
    held = {True: "yes", False: "NO", None: ""}[row.held]
    spread = "..".join(f"{ratio:.2f}" for ratio in row.spread) if row.spread else ""
    figure = f"{row.figure:.2f}{row.unit}" if row.unit else f"{row.figure:g}"
    return (row.what, row.ours, row.theirs, figure, spread, bound, held, str(row.runs))


def _facts() -> Iterator[str]:
    """Yield what the figures depend on: the machine, and the versions."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    yield f"machine: {_processor()}, {os.cpu_count()} cores, load {load}, {platform.platform()}"
    packages = ("click", "dvc", "sigstore", "cryptography", "PyYAML")
    listed = ", ".join(f"{name} {_version(name)}" for name in packages)
    yield f"versions: Python {platform.python_version()}, {listed}"
    yield f"programs: {_said('git', '--version')}, {_said('openssl', 'version')}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return f"no {command[0]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
