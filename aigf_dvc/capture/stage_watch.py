"""Watches a program that runs stages: answers at their door, and sees how each command ends."""

import contextlib
import os
import select
import signal
import stat
from pathlib import Path

from msgspec import Struct

from aigf_dvc.capture.interrupts import Interrupts
from aigf_dvc.capture.observer import Command, Observer
from aigf_dvc.capture.stage_door import HELD, StageDoor
from aigf_dvc.stage_run import NotObservedError, Run

_STATE, _PARENT, _STARTED, _EXIT_CODE = 0, 1, 19, 49  # in /proc/PID/stat, after the name: proc(5)
_ZOMBIE = "Z"


class _Running(Struct, kw_only=True):
    """A command that runs: a child, and the stand-in that waits for it."""

    child: int
    started: str  # tells the child from a later process of the same number
    held: int  # our end of the pipe that the stand-in reads
    stand_in: int  # a file descriptor of the process
    command: Command
    run: Run | None


class StageWatch:
    """Watches one program, and observes the commands that it starts through the door."""

    def __init__(self, door: StageDoor, observer: Observer, interrupts: Interrupts) -> None:
        """Say where commands ask, and who observes them."""
        self._door = door
        self._observer = observer
        self._interrupts = interrupts
        self._starter = 0  # the process that started the first command, and so every other
        self._running: dict[int, _Running] = {}  # by the file descriptor of the child's process
        self._poll = select.poll()
        self.ends: list[int | None] = []  # the wait status of each command that has ended

    def until_it_ends(self, program: int) -> None:
        """Answer until a program, a child of ours, has ended."""
        ended = os.pidfd_open(program)
        self._poll.register(ended, select.POLLIN)
        self._poll.register(self._door.requests, select.POLLIN)
        try:
            while True:
                ready = {handle for handle, _ in self._poll.poll()}
                self._answer(ready)
                if ended in ready:
                    return
        finally:
            for handle, running in self._running.items():
                self._observer.refuse(running.command, NotObservedError("DVC ended before it did"))
                _close(handle, running.held, running.stand_in)
            os.close(ended)

    def _answer(self, ready: set[int]) -> None:
        for handle in ready & self._running.keys():
            self._end(handle)
        for running in list(self._running.values()):
            if running.stand_in in ready:  # DVC was told to end this stage, not the command itself
                self._poll.unregister(running.stand_in)
                self._pass_on(running)
        if self._door.requests in ready:
            for child, stand_in in self._door.asking():
                self._begin(child, stand_in)

    def _begin(self, child: int, stand_in: int) -> None:
        """Look at what a command reads, then let it run."""
        try:
            command = self._command(child, stand_in)
            running = self._held(child, stand_in, command) if command is not None else None
        except (OSError, IndexError, ValueError):  # it has ended meanwhile, or is no stand-in
            running = None
        if running is not None:
            try:
                with self._interrupts.end_reading():
                    running.run = self._observer.begin(running.command)
            except NotObservedError as error:
                self._observer.refuse(running.command, error)
        self._door.let_in(child)

    def _command(self, child: int, stand_in: int) -> Command | None:
        """Return what a stand-in was started for; None when it was not started by DVC.

        Nothing of that is what a stage may say: it stands in /proc since the process was started.
        """
        starter = int(_stat(stand_in)[_PARENT])
        self._starter = self._starter or starter
        if starter != self._starter or int(_stat(child)[_PARENT]) != stand_in:
            return None
        place = Path(f"/proc/{stand_in}")
        pairs = (line.partition(b"=") for line in (place / "environ").read_bytes().split(b"\0"))
        stage = {name: value for name, _, value in pairs}.get(b"DVC_STAGE", b"")
        words = (place / "cmdline").read_bytes().split(b"\0")[:-1]
        own = words.index(os.fsencode(self._door.stand_in))
        return Command(
            stage=os.fsdecode(stage),
            folder=str((place / "cwd").readlink()),
            arguments=tuple(map(os.fsdecode, words[own + 1 :])),
        )

    def _held(self, child: int, stand_in: int, command: Command) -> _Running | None:
        """Hold the pipe that a stand-in reads, so that it waits for us when its child has ended."""
        held = os.open(f"/proc/{child}/fd/{HELD}", os.O_WRONLY | os.O_NONBLOCK)
        if not stat.S_ISFIFO(os.fstat(held).st_mode):
            os.close(held)
            return None
        process, waiting = os.pidfd_open(child), os.pidfd_open(stand_in)
        self._running[process] = _Running(
            child=child,
            started=_stat(child)[_STARTED],
            held=held,
            stand_in=waiting,
            command=command,
            run=None,
        )
        self._poll.register(process, select.POLLIN)
        self._poll.register(waiting, select.POLLIN)
        return self._running[process]

    def _pass_on(self, running: _Running) -> None:
        """End a command whose stand-in was ended, as if DVC had started it itself."""
        for handle, other in self._running.items():
            if other is running:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, signal.SIGTERM)

    def _end(self, process: int) -> None:
        """Look at what a command made, then let its stand-in end as it ended."""
        running = self._running.pop(process)
        self._poll.unregister(process)
        with contextlib.suppress(KeyError):
            self._poll.unregister(running.stand_in)
        status = _status(running)
        self.ends.append(status)
        last, by = False, _signal(status)
        if running.run is not None:
            try:
                with self._interrupts.end_reading():
                    last = self._observer.end(running.command, running.run, status)
            except NotObservedError as error:
                self._observer.refuse(running.command, error)
            by = by or (signal.SIGINT if self._interrupts.ended_reading else 0)
        if by:
            with contextlib.suppress(BrokenPipeError):
                os.write(running.held, b"%d" % by)
        _close(process, running.held, running.stand_in)
        if last and running.run is not None:  # DVC works on while this is on its way to the disk
            self._observer.keep(running.command, running.run)


def _stat(process: int) -> list[str]:
    """Return what the system tells of a process, without number and name."""
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


def _status(running: _Running) -> int | None:
    """Return the wait status of a child that nobody has waited for yet; None: somebody has."""
    try:
        told = _stat(running.child)
        # To those who may not trace a process, as one of another user, the exit code is told as 0;
        # by the same rule they may not read this link.
        Path(f"/proc/{running.child}/ns/user").readlink()
    except (OSError, IndexError):
        return None
    if (told[_STATE], told[_STARTED]) != (_ZOMBIE, running.started):
        return None
    return int(told[_EXIT_CODE])


def _signal(status: int | None) -> int:
    return os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else 0


def _close(*handles: int) -> None:
    for handle in handles:
        os.close(handle)
