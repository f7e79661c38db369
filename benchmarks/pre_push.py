"""The pre-push hook on the example, as git calls it, beside `dvc status` there."""

from pathlib import Path

from benchmarks.process import aigf, alternate, dvc, run
from benchmarks.projects import mortgage
from benchmarks.result import Bound, Result, compare


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    project = mortgage(folder)
    hook = aigf("hook", "pre-push", "origin", str(project.remote))
    ours, theirs = alternate(
        lambda: run(hook, project.root, stdin=project.push_line),
        lambda: run(dvc("status"), project.root),
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
        )
    )
