"""`aigf repro` beside `dvc repro` on trivial stages: what observing them adds."""

from pathlib import Path

from benchmarks.process import aigf, alternate, dvc, run
from benchmarks.projects import trivial
from benchmarks.result import Bound, Result, compare

_STAGES = 100
_MOST_RUNS = 3  # a run takes DVC a third of a minute
_MOST = Bound(limit=1.05)


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder; `--force` makes every stage run each time."""
    root = trivial(folder, _STAGES)
    ours, theirs = alternate(
        lambda: run(aigf("repro", "--force"), root),
        lambda: run(dvc("repro", "--force"), root),
        runs=min(runs, _MOST_RUNS),
    )
    return Result(
        rows=(
            compare(
                f"aigf repro / dvc repro of {_STAGES} trivial stages, wall",
                [cost.wall_s for cost in ours],
                [cost.wall_s for cost in theirs],
                bound=_MOST,
            ),
            compare(
                f"aigf repro / dvc repro of {_STAGES} trivial stages, CPU",
                [cost.cpu_s for cost in ours],
                [cost.cpu_s for cost in theirs],
            ),
        )
    )
