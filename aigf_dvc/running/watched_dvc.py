"""Starts DVC with a door to its stages, before we have read what to observe: that takes as long."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from aigf_dvc.errors import UndecidedError
from aigf_dvc.programs.dvc_program import EndedError, leaving_in_order
from aigf_dvc.programs.interrupts import Interrupts
from aigf_dvc.programs.process_end import end_with_children
from aigf_dvc.running.observer import Note, Observer
from aigf_dvc.running.run_folder import RunFor, run_folder
from aigf_dvc.running.stage_door import StageDoor
from aigf_dvc.running.stage_watch import StageWatch
from aigf_dvc.running.user_shell import find_shell, refuse_commands

_PROBE_EXIT_CODE = 7


class WatchedDvc:
    """A DVC that has been started; its first stage waits until it is observed or let go."""

    def __init__(
        self, process: subprocess.Popen[bytes], door: StageDoor, interrupts: Interrupts
    ) -> None:
        """Say which process, and where its stages ask."""
        self._process = process
        self._door = door
        self._interrupts = interrupts

    def run(self, plan: dict[str, Any] | None) -> tuple[int, tuple[Note, ...]]:  # Any: JSON
        """Observe the stages until DVC ends; return its exit code, and what became of each.

        Args:
            plan: what to observe, as `stage_run.read_plan` returns it; None: nothing.
        """
        observer = Observer(plan)
        try:
            StageWatch(self._door, observer, self._interrupts).until_it_ends(self._process.pid)
            code = self._process.wait()
        except EndedError as ended:
            self.end()
            code = -ended.number
        return code if code >= 0 else 128 - code, tuple(observer.notes)

    def end(self) -> None:
        """End DVC with the stage that it runs; it starts no other."""
        refuse_commands(self._door.stand_in)
        end_with_children(self._process)
        self._process.wait()


@contextmanager
def watched_dvc(
    program: str, arguments: Sequence[str], *, folder: Path, variables: Mapping[str, str]
) -> Iterator[WatchedDvc | None]:
    """Start DVC, talking to the terminal directly; leaving waits for its end.

    Args:
        program: as `find_dvc` returns it.
        arguments: DVC's own.
        folder: where it runs.
        variables: its whole environment, but for SHELL, in which it finds the door.

    Yields:
        It; None when no door can be made on this system: then nothing was started.
    """
    with leaving_in_order(), run_folder(RunFor.REPRO) as made:
        door = _open_door(made.path, variables)
        if door is None:
            yield None
            return
        interrupts = Interrupts()
        with closing(door), interrupts.answered():
            environment = {**variables, "SHELL": str(door.stand_in)}
            process = subprocess.Popen(
                [program, *arguments], cwd=folder, env=environment, pass_fds=(made.lock,)
            )
            watched = WatchedDvc(process, door, interrupts)
            try:
                yield watched
            except EndedError:
                watched.end()
                raise
            finally:
                if process.returncode is None:  # we have failed; the pipeline must not
                    watched.run(None)


def _open_door(folder: Path, variables: Mapping[str, str]) -> StageDoor | None:
    """Open a door and try it: a stage must not fail because of us."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):  # some builds of Python lack it
        return None
    try:
        door = StageDoor(folder, find_shell(variables))
    except (OSError, UndecidedError):
        return None
    try:
        works = _try(door, variables)
    except OSError:
        works = False
    if not works:
        door.close()
    return door if works else None


def _try(door: StageDoor, variables: Mapping[str, str]) -> bool:
    process = subprocess.Popen(
        [door.stand_in, "-c", f"exit {_PROBE_EXIT_CODE}"],
        env={**variables, "DVC_STAGE": "probe", "SHELL": str(door.stand_in)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    watch = StageWatch(door, Observer(None), Interrupts())
    try:
        watch.until_it_ends(process.pid)
    finally:
        process.kill()  # where it has not ended it waits for us
        process.wait()
    return (process.returncode, watch.commands_seen) == (_PROBE_EXIT_CODE, 1)
