"""Hashing one file of 1 GiB, beside `openssl dgst -sha256`; and the memory that it takes."""

import os
from pathlib import Path
from statistics import median

from benchmarks.process import alternate, inside, run, times
from benchmarks.result import Bound, Result, Row, compare, mebibytes

_MEBIBYTE = 2**20
_LARGE = 1024 * _MEBIBYTE
_SMALL = 64 * _MEBIBYTE


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder, which needs 1.1 GiB."""
    empty, small, large = (
        _file(folder / name, size)
        for name, size in (("0", 0), ("small", _SMALL), ("large", _LARGE))
    )
    start_s = median(run(_openssl(empty), folder).wall_s for _ in range(runs))
    ours, theirs = alternate(
        lambda: times(inside("sha256", large, empty)).wall_s,
        lambda: run(_openssl(large), folder).wall_s - start_s,
        runs=runs,
    )
    both, beside_both = alternate(
        lambda: times(inside("both_digests", large, empty)).wall_s,
        lambda: run(_openssl(large), folder).wall_s - start_s,
        runs=runs,
    )
    return Result(
        rows=(
            compare(
                "SHA-256 of 1 GiB, speed against openssl",
                ours,
                theirs,
                bound=Bound(limit=0.9, kind="at least"),
                faster=True,
            ),
            compare(
                "MD5 and SHA-256 of 1 GiB, speed against openssl's SHA-256",
                both,
                beside_both,
                faster=True,
            ),
            _memory("sha256", small, large),
            _memory("both_digests", small, large),
        ),
        notes=(
            "hashing: ours is timed inside Python, openssl's is its whole run less its run on an "
            f"empty file ({start_s * 1000:.0f} ms); the files are in the page cache",
        ),
    )


def _openssl(path: Path) -> tuple[str, ...]:
    return ("openssl", "dgst", "-sha256", str(path))


def _file(path: Path, size: int) -> Path:
    """Write a file of random bytes; that leaves it in the page cache."""
    with path.open("wb") as file:
        for _ in range(size // _MEBIBYTE):
            file.write(os.urandom(_MEBIBYTE))
    return path


def _memory(work: str, small: Path, large: Path) -> Row:
    """Compare the peak memory of two files: it must not grow with the file."""
    small_cost, large_cost = inside(work, small), inside(work, large)
    grown = large_cost.peak_bytes - small_cost.peak_bytes
    return Row(
        what=f"peak memory of {work}: 1 GiB less 64 MiB",
        ours=mebibytes(large_cost.peak_bytes),
        theirs=f"{mebibytes(small_cost.peak_bytes)} (64 MiB)",
        figure=grown / _MEBIBYTE,
        unit=" MiB",
        bound=Bound(limit=16),
    )
