"""Start `dvc repro` first of all: while it loads itself, we read what there is to observe."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from aigf_dvc.programs.dvc_program import find_dvc, run_dvc, without_signing_secrets
from aigf_dvc.running.watched_dvc import WatchedDvc, watched_dvc


class StartedDvc(Struct, frozen=True, kw_only=True):
    """A `dvc repro` whose stages wait to be observed, or what it takes to start it."""

    program: str
    arguments: tuple[str, ...]
    start: Path  # the folder it runs in
    variables: Mapping[str, str]  # its environment
    watched: WatchedDvc | None  # None: it could not be started yet


def run_unobserved(arguments: Sequence[str], *, start: Path) -> int:
    """Run a `dvc repro` that runs no stage, such as a dry one, and return its exit code."""
    variables = without_signing_secrets(os.environ)
    return run_dvc((find_dvc(), "repro", *arguments), folder=start, env=variables)


@contextmanager
def start_dvc(arguments: Sequence[str], *, start: Path) -> Iterator[StartedDvc]:
    """Start `dvc repro` where its stages can ask us; leaving waits for its end.

    Args:
        arguments: DVC's own.
        start: the folder to run it in.

    Raises:
        InputError: there is no DVC.
    """
    program, own = find_dvc(), ("repro", *arguments)
    variables = without_signing_secrets(os.environ)
    with watched_dvc(program, own, folder=start, variables=variables) as watched:
        yield StartedDvc(
            program=program, arguments=own, start=start, variables=variables, watched=watched
        )
