"""`aigf capture --rev HEAD` of 1,000 stages beside DVC's own reading of them; and how it grows.

Ours reads, compares every edge, and builds and prints the manifest; DVC's is `Repo.index.stages`.
"""

from pathlib import Path
from statistics import median

from benchmarks.process import aigf, alternate, inside, run, times
from benchmarks.projects import chain
from benchmarks.result import Bound, Result, Row, compare, mebibytes

_STAGES = 1000
_FEW = 2
_SIZES = (10, 100, 1000, 10_000)
_MOST_BYTES = 300 * 2**20


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
                bound=Bound(limit=12, kind="at least"),
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
            *_growth(folder, few, runs),
        )
    )


def _growth(folder: Path, few: Path, runs: int) -> tuple[Row, ...]:
    """Show the CPU time a stage as pipelines grow, which is linear when it stays the same."""
    rows: list[Row] = []
    peak = 0
    for size in _SIZES:
        project = folder / f"chain-{size}"
        project = project if project.exists() else chain(folder, size)
        costs = [inside("capture", project, few) for _ in range(min(runs, 3))]
        cpu_s = median(times(cost).cpu_s for cost in costs)
        rows.append(
            Row(
                what=f"capture of {size:,} stages: CPU a stage",
                ours=f"{cpu_s * 1000:.0f} ms",
                theirs="",
                figure=cpu_s * 1000 / size,
                unit=" ms",
                runs=len(costs),
            )
        )
        peak = max(cost.peak_bytes for cost in costs)
    rows.append(
        Row(
            what=f"peak memory of a capture of {_SIZES[-1]:,} stages",
            ours=mebibytes(peak),
            theirs="",
            figure=peak / 2**20,
            unit=" MiB",
            bound=Bound(limit=_MOST_BYTES / 2**20),
        )
    )
    return tuple(rows)
