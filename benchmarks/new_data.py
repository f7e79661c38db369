"""Hashing data that was never seen: MD5 and SHA-256 together, beside MD5 alone as DVC does."""

import os
from pathlib import Path

from benchmarks.process import alternate, inside, times
from benchmarks.result import Bound, Result, compare

_MEBIBYTE = 2**20
_LARGE = 2048  # MiB
_FILES = 10_000
_SMALL_BYTES = 1000


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder, which needs 2.1 GiB, and as much free memory."""
    large, empty = folder / "large", folder / "empty"
    with large.open("wb") as file:  # that leaves it in the page cache
        for _ in range(_LARGE):
            file.write(os.urandom(_MEBIBYTE))
    empty.touch()
    both, alone = alternate(
        lambda: times(inside("both_digests", large, empty)),
        lambda: times(inside("md5_alone", large, empty)),
        runs=runs,
    )
    many = _many(folder / "many")
    shared, single = alternate(
        lambda: times(inside("both_digests", many, empty)),
        lambda: times(inside("both_digests_on_one_core", many, empty)),
        runs=runs,
    )
    what = "2 GiB of new data, MD5 and SHA-256, against MD5 alone"
    return Result(
        rows=(
            compare(
                f"{what}: wall",
                [cost.wall_s for cost in both],
                [cost.wall_s for cost in alone],
                bound=Bound(limit=1.15),
            ),
            compare(f"{what}: CPU", [cost.cpu_s for cost in both], [cost.cpu_s for cost in alone]),
            compare(
                f"{_FILES:,} small new files on all cores, against one: wall",
                [cost.wall_s for cost in shared],
                [cost.wall_s for cost in single],
            ),
        ),
        notes=(
            "new data: the files are in the page cache; MD5 alone reads as we do, 1 MiB at a time",
        ),
    )


def _many(folder: Path) -> Path:
    folder.mkdir()
    for number in range(_FILES):
        (folder / f"{number:05}").write_bytes(os.urandom(_SMALL_BYTES))
    return folder
