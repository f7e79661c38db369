"""`aigf check` on the example, beside `dvc status` there: both tell whether all is as recorded."""

import subprocess
from pathlib import Path

from benchmarks.process import aigf, alternate, dvc, environment, python, run
from benchmarks.projects import mortgage
from benchmarks.result import Bound, Result, Row, compare

_FORBIDDEN = frozenset({"dvc", "sigstore"})


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    project = mortgage(folder)
    ours, theirs = alternate(
        lambda: run(aigf("check"), project.root),
        lambda: run(dvc("status"), project.root),
        runs=runs,
    )
    return Result(
        rows=(
            compare(
                "aigf check / dvc status, wall",
                [cost.wall_s for cost in ours],
                [cost.wall_s for cost in theirs],
                bound=Bound(limit=0.25),
            ),
            compare(
                "aigf check / dvc status, CPU",
                [cost.cpu_s for cost in ours],
                [cost.cpu_s for cost in theirs],
            ),
            _imports(project.root),
        )
    )


def _imports(root: Path) -> Row:
    """Count the modules of DVC and Sigstore that `aigf check` imports."""
    _, *command = python("aigf_dvc", "check")
    listing = subprocess.run(
        (aigf()[0], "-X", "importtime", *command),
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    lines = [line for line in listing.splitlines() if line.startswith("import time:")]
    names = {line.rpartition("|")[2].strip() for line in lines}
    found = [name for name in names if name.partition(".")[0] in _FORBIDDEN]
    return Row(
        what="modules of dvc, sigstore that aigf check imports",
        ours=f"{len(found)} of {len(names)}",
        theirs="",
        figure=len(found),
        unit="",
        bound=Bound(limit=0),
    )
