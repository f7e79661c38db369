"""`aigf capture --rev HEAD` of 1,000 stages, beside DVC's own reading of them.

Ours reads, compares every edge, and builds and prints the manifest; DVC's is `Repo.index.stages`.
"""

from pathlib import Path

from benchmarks.process import aigf, alternate, inside, run, times
from benchmarks.projects import chain
from benchmarks.result import Bound, Result, compare

_STAGES = 1000
_FEW = 2


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    few, many = chain(folder, _FEW), chain(folder, _STAGES)
    ours, theirs = alternate(
        lambda: inside("capture", many, few),
        lambda: inside("dvc_stages", many, few),
        runs=runs,
    )
    whole = [run(aigf("capture", "--rev", "HEAD"), many) for _ in range(runs)]
    return Result(
        rows=(
            compare(
                f"capture of {_STAGES} stages, times faster than DVC reads them: CPU",
                [times(cost).cpu_s for cost in ours],
                [times(cost).cpu_s for cost in theirs],
                bound=Bound(limit=8, kind="at least"),
                faster=True,
            ),
            compare(
                f"capture of {_STAGES} stages, times faster than DVC reads them: wall",
                [times(cost).wall_s for cost in ours],
                [times(cost).wall_s for cost in theirs],
                faster=True,
            ),
            compare(
                "the same, whole processes: CPU",
                [cost.cpu_s for cost in whole],
                [cost.cpu_s for cost in theirs],
                faster=True,
            ),
        )
    )
