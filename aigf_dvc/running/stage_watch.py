"""Watches a program that runs stages: answers at their door, and sees how each command ends."""

import contextlib
import os
import select
import signal

from aigf_dvc.programs.interrupts import Interrupts
from aigf_dvc.running.observer import Observer
from aigf_dvc.running.running_command import RunningCommand, command_of, parent_of
from aigf_dvc.running.stage_door import Request, StageDoor
from aigf_dvc.stage_run import NotObservedError


class StageWatch:
    """Watches one program, and observes the commands that it starts through the door."""

    def __init__(self, door: StageDoor, observer: Observer, interrupts: Interrupts) -> None:
        """Say where commands ask, and who observes them."""
        self._door = door
        self._observer = observer
        self._interrupts = interrupts
        self._starter = 0  # the process that started the first command, and so every other
        self._running: dict[int, RunningCommand] = {}  # by what tells the end of the child
        self._telling: dict[int, RunningCommand] = {}  # by the number of the stand-in
        self._poll = select.poll()
        self.commands_seen = 0  # so many have asked

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
            os.close(ended)
            for running in (*self._running.values(), *self._telling.values()):
                if running.run is not None:
                    unseen = NotObservedError("nobody saw how its command ended")
                    self._observer.refuse(running.command, unseen)
            for running in self._running.values():
                running.let_end(0)

    def _answer(self, ready: set[int]) -> None:
        for handle in ready & self._running.keys():
            self._end(handle)
        for running in self._running.values():
            if running.stand_in_end in ready:  # DVC was told to end the stage: it is the command
                self._poll.unregister(running.stand_in_end)
                running.terminate()
        if self._door.requests in ready:
            for request in self._door.requested():
                if not request.has_ended:
                    self._begin(request.asker, request.number)
                elif request.asker in self._telling:
                    self._told(request)

    def _begin(self, child: int, stand_in: int) -> None:
        """Look at what a command reads, then let it run."""
        try:
            running = self._from_dvc(child, stand_in)
        except (OSError, IndexError, ValueError):  # it has ended meanwhile, or is no stand-in
            running = None
        if running is not None:
            self.commands_seen += 1
            self._running[running.child_end] = running
            self._poll.register(running.child_end, select.POLLIN)
            self._poll.register(running.stand_in_end, select.POLLIN)
            try:
                with self._interrupts.end_reading():
                    running.run = self._observer.begin(running.command)
            except NotObservedError as error:
                self._observer.refuse(running.command, error)
        self._door.answer(child)

    def _from_dvc(self, child: int, stand_in: int) -> RunningCommand | None:
        """Take hold of a command; None when it was not started by DVC, but by a stage."""
        starter = parent_of(stand_in)
        self._starter = self._starter or starter
        if starter != self._starter or parent_of(child) != stand_in:
            return None
        return RunningCommand(child, stand_in, command_of(stand_in, self._door.stand_in))

    def _end(self, handle: int) -> None:
        """See how a command has ended; when only its stand-in can, let that tell."""
        running = self._running.pop(handle)
        self._poll.unregister(running.child_end)
        with contextlib.suppress(KeyError):
            self._poll.unregister(running.stand_in_end)
        status = running.status()
        if status is None and running.run is not None:
            self._telling[running.stand_in] = running
            running.let_tell()
            return
        last, by = self._look(running, status or 0)
        running.let_end(by)
        if last:
            self._keep(running)

    def _told(self, request: Request) -> None:
        running = self._telling.pop(request.asker)
        last, by = self._look(running, request.number << 8)  # the wait status of an exit code
        self._door.answer(request.asker, by)
        if last:
            self._keep(running)

    def _look(self, running: RunningCommand, status: int) -> tuple[bool, int]:
        """Look at what a command made: was it the last one, and by which signal did it end."""
        last, by = False, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if running.run is not None:
            try:
                with self._interrupts.end_reading():
                    last = self._observer.end(running.command, running.run, status)
            except NotObservedError as error:
                self._observer.refuse(running.command, error)
            if self._interrupts.ended_reading:
                by = by or signal.SIGINT
        return last, by

    def _keep(self, running: RunningCommand) -> None:
        """Write the record of a run that has ended; DVC works on meanwhile."""
        if running.run is not None:
            self._observer.keep(running.command, running.run)
