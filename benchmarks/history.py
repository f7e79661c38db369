"""A history of 1,000 commits classified, beside `git log -p -- dvc.lock` on it.

Ours reads the records of every commit and holds them to its code, parameters and data records, as
`aigf show MODEL` does. Half of the commits are runs, a quarter edit code that was not run, a
quarter edit words.
"""

from pathlib import Path

from benchmarks.process import alternate, inside, run, times
from benchmarks.projects import history
from benchmarks.result import Bound, Result, compare

_COMMITS = 1000
_FEW = 2
_LOG = ("git", "--no-pager", "log", "-p", "--", "dvc.lock")


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    few, many = history(folder, _FEW), history(folder, _COMMITS)
    ours, theirs = alternate(
        lambda: inside("history", many, few), lambda: run(_LOG, many), runs=runs
    )
    return Result(
        rows=(
            compare(
                f"history of {_COMMITS} commits classified / git log -p -- dvc.lock, CPU",
                [times(cost).cpu_s for cost in ours],
                [cost.cpu_s for cost in theirs],
                bound=Bound(limit=10),
            ),
            compare(
                f"history of {_COMMITS} commits classified / git log -p -- dvc.lock, wall",
                [times(cost).wall_s for cost in ours],
                [cost.wall_s for cost in theirs],
            ),
        )
    )
