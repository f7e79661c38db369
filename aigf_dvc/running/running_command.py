"""A command that runs: a child that became the user's shell, and the stand-in that waits for it."""

import contextlib
import os
import signal
import stat
from pathlib import Path

from aigf_dvc.programs.process_stat import EXIT_CODE, PARENT, STARTED, STATE, ZOMBIE, stat_of, told
from aigf_dvc.running.observer import Command
from aigf_dvc.running.stage_door import HELD, TELL
from aigf_dvc.stage_run import Run


class RunningCommand:
    """Holds the pipe that a stand-in reads, so that it waits for us when its child has ended."""

    def __init__(self, child: int, stand_in: int, command: Command) -> None:
        """Take hold of a command.

        Raises:
            OSError: it has ended, or the child holds no pipe.
        """
        self.command = command
        self.run: Run | None = None  # what is observed of it
        self.stand_in = stand_in
        self._child = child
        self._held = os.open(f"/proc/{child}/fd/{HELD}", os.O_WRONLY | os.O_NONBLOCK)
        if not stat.S_ISFIFO(os.fstat(self._held).st_mode):
            os.close(self._held)
            raise OSError
        # Processes as file descriptors: they are ready to be read when the process has ended.
        self.child_end, self.stand_in_end = os.pidfd_open(child), os.pidfd_open(stand_in)
        self._started = stat_of(child)[STARTED]  # tells it from a later process of its number

    def status(self) -> int | None:
        """Return the wait status of a child that nobody has waited for yet; None: somebody has."""
        try:
            stat_now = stat_of(self._child)
            # To those who may not trace a process, as one of another user, its exit code is told
            # as 0; by the same rule they may not read this link.
            Path(f"/proc/{self._child}/ns/user").readlink()
        except (OSError, IndexError):
            return None
        if (stat_now[STATE], stat_now[STARTED]) != (ZOMBIE, self._started):
            return None
        return int(stat_now[EXIT_CODE])

    def terminate(self) -> None:
        """Ask the child to end."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.child_end, signal.SIGTERM)

    def let_end(self, by: int) -> None:
        """Let the stand-in end as its child did: by a signal, if any."""
        self._let_go(b"%d" % by if by else b"")

    def let_tell(self) -> None:
        """Let the stand-in tell how its child ended: it waits for an answer at the door."""
        self._let_go(TELL)

    def _let_go(self, word: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self._held, word)
        for handle in (self._held, self.child_end, self.stand_in_end):
            os.close(handle)


def command_of(stand_in: int, program: Path) -> Command:
    """Return what a stand-in was started for: the system tells, and no stage has a say in it.

    Args:
        stand_in: the number of its process.
        program: where it is.

    Raises:
        OSError: it has ended.
        ValueError: it is no stand-in.
    """
    pairs = (line.partition(b"=") for line in told(stand_in, "environ").split(b"\0"))
    words = told(stand_in, "cmdline").split(b"\0")[:-1]
    own = words.index(os.fsencode(program))
    return Command(
        stage=os.fsdecode({name: value for name, _, value in pairs}.get(b"DVC_STAGE", b"")),
        folder=str(Path(f"/proc/{stand_in}/cwd").readlink()),
        arguments=tuple(map(os.fsdecode, words[own + 1 :])),
    )


def parent_of(process: int) -> int:
    """Return the number of a process's parent.

    Raises:
        OSError: it has ended.
    """
    return int(stat_of(process)[PARENT])
