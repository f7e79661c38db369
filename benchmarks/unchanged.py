"""`aigf capture` on 100,000 small unchanged files, beside a warm `dvc status`; on wall and CPU."""

from pathlib import Path

from benchmarks.process import aigf, alternate, dvc, run
from benchmarks.projects import many_files
from benchmarks.result import Bound, Result, compare

_FILES = 100_000


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder; making the project takes minutes."""
    root = many_files(folder, _FILES)
    run(aigf("capture"), root)
    ours, theirs = alternate(
        lambda: run(aigf("capture"), root), lambda: run(dvc("status", "--quiet"), root), runs=runs
    )
    what = f"{_FILES:,} files unchanged since the last capture, against `dvc status`"
    bound = Bound(limit=0.2)
    return Result(
        rows=(
            compare(
                f"{what}: wall",
                [cost.wall_s for cost in ours],
                [cost.wall_s for cost in theirs],
                bound=bound,
            ),
            compare(
                f"{what}: CPU",
                [cost.cpu_s for cost in ours],
                [cost.cpu_s for cost in theirs],
                bound=bound,
            ),
        ),
        notes=(
            "unchanged: whole commands, both warm; DVC's state database and our digest cache know "
            "every file",
        ),
    )
