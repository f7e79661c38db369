"""How long the command takes to start, beside the import of click that it stands on."""

import sys
from pathlib import Path

from benchmarks.process import aigf, alternate, run
from benchmarks.result import Result, Row, compare


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    commands = (("--help",), ("hook", "pre-push", "--help"))
    return Result(rows=tuple(_start(arguments, folder, runs) for arguments in commands))


def _start(arguments: tuple[str, ...], folder: Path, runs: int) -> Row:
    click = (sys.executable, "-I", "-c", "import click")
    ours, theirs = alternate(
        lambda: run(aigf(*arguments), folder), lambda: run(click, folder), runs=runs
    )
    return compare(
        f"aigf {' '.join(arguments)} / python -c 'import click', wall",
        [cost.wall_s for cost in ours],
        [cost.wall_s for cost in theirs],
    )
