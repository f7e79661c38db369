"""The pre-push hook as git calls it: on the example beside `dvc status`, and on a long history.

The long history has 10,000 files and 10,000 commits, of which 100 are pushed; the measure there is
what any command of Python's costs that imports click.
"""

import sys
from pathlib import Path

from benchmarks.process import aigf, alternate, dvc, run
from benchmarks.projects import long_history, mortgage
from benchmarks.result import Bound, Result, compare

_CLICK = (sys.executable, "-c", "import click")


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    project = mortgage(folder)
    hook = aigf("hook", "pre-push", "origin", str(project.remote))
    ours, theirs = alternate(
        lambda: run(hook, project.root, stdin=project.push_line),
        lambda: run(dvc("status"), project.root),
        runs=runs,
    )
    (folder / "long").mkdir()
    long = long_history(folder / "long", files=10_000, commits=10_000, unpushed=100)
    on_long, click = alternate(
        lambda: run(hook, long.root, stdin=long.push_line),
        lambda: run(_CLICK, long.root),
        runs=runs,
    )
    return Result(
        rows=(
            compare(
                "aigf hook pre-push / dvc status, wall",
                [cost.wall_s for cost in ours],
                [cost.wall_s for cost in theirs],
                bound=Bound(limit=0.25),
            ),
            compare(
                "aigf hook pre-push / dvc status, CPU",
                [cost.cpu_s for cost in ours],
                [cost.cpu_s for cost in theirs],
            ),
            compare(
                "aigf hook pre-push, 100 of 10000 commits / python -c 'import click', CPU",
                [cost.cpu_s for cost in on_long],
                [cost.cpu_s for cost in click],
                bound=Bound(limit=4),
            ),
        )
    )
