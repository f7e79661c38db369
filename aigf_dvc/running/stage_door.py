"""The door to a stage: a stand-in for the user's shell, which asks here before each command.

DVC starts every command of a stage as `$SHELL -c COMMAND`. The stand-in is a few lines of the
system's own shell, because no interpreter starts as fast. It forks, says who it is, and waits for
the answer; then the child becomes the user's shell. The stand-in itself reads from a pipe that we
hold open until we have looked at what the command made, and then ends as the command has ended.
Where the system's shell waits for its child meanwhile, as bash does and dash does not, nobody else
can see how it ended: then we let go, and the stand-in tells (of a death by signal, 128 and more).

Nothing hangs on us: when this process is gone, all pipes are at their end, and the stand-in is a
shell that waits for its child. So it works on Linux, where /proc names the pipes of a process.
"""

import os
import re
import shlex
from pathlib import Path

from msgspec import Struct

from aigf_dvc.running.user_shell import Shell, write_stand_in

_REQUEST = re.compile(rb"([0-9]{1,9}) ([0-9]{1,9})( ended)?")
TELL = b"?"  # what makes a stand-in tell how its child ended
HELD = 5  # the file descriptor under which the child has the pipe that its parent reads

# `-ef`: after us another process may have our number. The names of variables begin with aigf_
# because the user's shell gets all variables that were exported before. A shell says on standard
# error by which signal its child died: that is for the user's shell to tell, if anybody.
_STAND_IN = """\
#!/bin/sh
{variable}
[ -n "${{DVC_STAGE+set}}" ] && [ {ours} -ef {requests} ] || exec {program} "$@"
trap : INT QUIT
{{ aigf_end=$(
    {{
        read -r aigf_me aigf_rest </proc/self/stat
        echo "$aigf_me $$" >&6
        while read -r aigf_answer && [ "$aigf_answer" != "$aigf_me" ]; do :; done <&7
    }} {held}>&1 6<>{requests} 7<{answers}
    exec {program} "$@" >&3 2>&4 3>&- 4>&-
); }} 3>&1 4>&2 2>/dev/null
aigf_status=$?
[ "$aigf_end" != '?' ] || {{
    aigf_end=
    echo "$$ $aigf_status ended" >&6
    while read -r aigf_answer aigf_end && [ "$aigf_answer" != $$ ]; do :; done <&7
}} 2>/dev/null 6<>{requests} 7<{answers}
if [ -n "$aigf_end" ]; then
    ulimit -c 0
    trap - INT QUIT
    kill -"$aigf_end" $$
fi
exit "$aigf_status"
"""


class Request(Struct, frozen=True, kw_only=True):
    """What somebody said at the door: a child that waits, or a stand-in whose child has ended."""

    asker: int  # the process that waits for an answer
    number: int  # of a child: its stand-in; of a stand-in: the exit code of its child
    has_ended: bool


class StageDoor:
    """A stand-in for the shell, and our ends of its pipes."""

    def __init__(self, folder: Path, shell: Shell) -> None:
        """Write the stand-in into a private folder.

        Raises:
            OSError: it cannot be written.
        """
        requests = folder / "requests"
        os.mkfifo(requests, 0o600)
        # Open for both: it is never at its end, and nobody who writes to it is ever killed.
        self.requests = os.open(requests, os.O_RDWR | os.O_NONBLOCK)
        self._answers = os.pipe()
        ours = f"/proc/{os.getpid()}/fd"
        text = _STAND_IN.format(
            variable=f"SHELL={shlex.quote(shell.variable)}" if shell.variable else "unset SHELL",
            ours=f"{ours}/{self.requests}",
            requests=shlex.quote(str(requests)),
            answers=f"{ours}/{self._answers[0]}",
            held=HELD,
            program=shlex.quote(shell.program),
        )
        self.stand_in = write_stand_in(folder, shell, text)

    def requested(self) -> list[Request]:
        """Return who has asked since the last time."""
        try:
            lines = os.read(self.requests, 1 << 16).split(b"\n")
        except BlockingIOError:
            return []
        asked = (_REQUEST.fullmatch(line) for line in lines)
        return [
            Request(asker=int(found[1]), number=int(found[2]), has_ended=found[3] is not None)
            for found in asked
            if found
        ]

    def answer(self, asker: int, by: int = 0) -> None:
        """Let a child become the user's shell, or a stand-in end: by a signal, if any."""
        os.write(self._answers[1], b"%d %d\n" % (asker, by) if by else b"%d\n" % asker)

    def close(self) -> None:
        """Close our ends."""
        for handle in (self.requests, *self._answers):
            os.close(handle)
