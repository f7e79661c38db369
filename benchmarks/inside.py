"""Times one piece of work inside a fresh Python, after its imports.

`python -m benchmarks.inside WORK PATH` prints the seconds on the wall and of the processor, its
children's too, as JSON on the last line. A second path, a small one, is worked on before the
clock starts, so that imports are not counted for either side: each work imports its own.
"""

import contextlib
import hashlib
import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks import engines


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What a piece of work took."""

    wall_s: float
    cpu_s: float


def capture(path: Path) -> None:
    """Do everything that `aigf capture --rev HEAD` does."""
    from aigf_dvc.cli.start import main as aigf  # noqa: PLC0415

    os.chdir(path)
    sys.argv = ["aigf", "capture", "--rev", "HEAD"]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        try:
            aigf()
        except SystemExit as end:
            if end.code:
                raise


def dvc_stages(path: Path) -> None:
    """Read the stages and locks as DVC does."""
    from dvc.repo import Repo  # type: ignore[import-untyped]  # noqa: PLC0415  # DVC has no types

    with Repo(str(path)) as repository:
        if not repository.index.stages:
            message = f"DVC found no stages in {path}"
            raise ValueError(message)


def history(path: Path) -> None:
    """Classify every commit: are its records true of its own tree?"""
    from aigf_dvc.capture.history import History, list_commits  # noqa: PLC0415
    from aigf_dvc.cli.start import collect_seldom  # noqa: PLC0415
    from aigf_dvc.git.objects import GitObjects  # noqa: PLC0415

    collect_seldom()
    stale = 0
    with GitObjects(path) as objects:
        walk = History(objects)
        commits = list_commits(path, ("HEAD",), first_parent=True)
        for reading in walk.read_all(commits):
            if reading.pipeline is None:
                message = f"commit {reading.commit.id} was not read: {reading.problem}"
                raise ValueError(message)
            stages = reading.pipeline.stages
            edges = (edge for stage in stages for edge in walk.edges(reading, stage))
            stale += not all(edge.state.is_sound for edge in edges)
    if stale != len(commits) // 4:
        message = f"{stale} of {len(commits)} commits are stale, not a quarter"
        raise ValueError(message)


def sha256(path: Path) -> None:
    """Hash a model as `aigf verify` does."""
    from aigf_dvc.actions.verify import read_artifact  # noqa: PLC0415

    read_artifact(path)


def both_digests(path: Path) -> None:
    """Hash data as `aigf capture` does: MD5 and SHA-256 from one read."""
    from aigf_dvc.hashing.file_hashing import hash_path  # noqa: PLC0415

    hash_path(path.parent, path.name)


def both_digests_on_one_core(path: Path) -> None:
    """Hash data as `aigf capture` does, without other processes."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    both_digests(path)


def md5_alone(path: Path) -> None:
    """Hash a file as DVC does, with our reader."""
    from aigf_dvc.hashing.hash_worker import open_file  # noqa: PLC0415

    md5 = hashlib.md5(usedforsecurity=False)
    buffer = bytearray(1 << 20)
    with open(open_file(str(path))[0], "rb", buffering=0) as file:  # noqa: PTH123  # an open handle
        while count := file.readinto(buffer):
            md5.update(memoryview(buffer)[:count])


_WORK: dict[str, Callable[[Path], None]] = {
    work.__name__: work
    for work in (
        capture,
        dvc_stages,
        history,
        sha256,
        both_digests,
        both_digests_on_one_core,
        md5_alone,
        engines.judge,
        engines.judge_by_schema,
        engines.judge_by_one_pattern,
        engines.judge_by_lax_schema,
        engines.judge_by_cel,
        engines.judge_by_rego,
        engines.read_policy,
    )
}


def timed(work: Callable[[Path], None], path: Path) -> Times:
    """Do the work and return what it took."""
    wall, cpu = perf_counter(), _cpu_s()
    work(path)
    return Times(wall_s=perf_counter() - wall, cpu_s=_cpu_s() - cpu)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def main() -> None:
    """Do the work that the command line names."""
    name, path, *first = sys.argv[1:]
    for other in first:
        _WORK[name](Path(other))
    times = timed(_WORK[name], Path(path))
    print(json.dumps({"wall_s": times.wall_s, "cpu_s": times.cpu_s}))


if __name__ == "__main__":
    main()
