"""The recorder: stands in for the shell while `aigf repro` runs, and observes a stage's commands.

DVC starts every command of a stage as `$SHELL -c COMMAND`. `aigf repro` lets SHELL name a small
script that starts this program in its place:

    LC_ALL=C python -I -S -c START PACKAGES FOLDER SHELL VARIABLE LOCALE ARGUMENT...

START finds this module in PACKAGES and calls `main`. FOLDER is the private folder of this
`aigf repro`: its plan, and what is noted for it. SHELL is the real shell. VARIABLE and LOCALE are
the user's own values of the variables SHELL and LC_ALL, each after `=`, or empty where it was not
set. (LC_ALL=C makes Python read file names as UTF-8 everywhere, and keeps it from adding LC_CTYPE
to the environment: PEP 538 and 540.)

Rules that it keeps:
- The command runs as it would without us: arguments, environment, streams, process group, signals
  and exit code are the same. Whatever goes wrong in here, the command still runs; the reason is
  noted for `aigf repro` to print.
- A record says only what was seen: the inputs before the first command and again after the last,
  the outputs after it, and that every command succeeded. One doubt, and there is no record.
- It starts before every command, so it imports the least: nothing but the standard library, and
  of that neither pathlib nor typing nor subprocess.
"""

# pathlib would be half as much again to import.
# ruff: noqa: PTH108, PTH109, PTH110, PTH118, PTH123

from __future__ import annotations  # names of types cost nothing at run time

import hashlib
import json
import os
import signal
import sys

from aigf_dvc.stage_run import (
    ENDINGS,
    NotObservedError,
    Run,
    planned_run,
    read_plan,
    reason,
    write,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)  # which no shell does


def main() -> None:
    """Run one command of a stage, and observe it when the plan has its stage."""
    folder, shell, variable, locale, *arguments = sys.argv[1:]
    environment = _own_environment(SHELL=variable, LC_ALL=locale)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends us as it ends a shell
    run = None
    try:
        run = _begin(folder, arguments)
    except Exception as error:  # noqa: BLE001  # whatever happens in here, the command must run
        _note(folder, problem=reason(error))
    if run is None:
        for number in _IGNORED_BY_PYTHON:
            signal.signal(number, signal.SIG_DFL)
        os.execve(shell, [shell, *arguments], environment)  # noqa: S606  # it is the shell
    status = _run_shell(shell, arguments, environment)
    try:
        _end(folder, run, status)
    except Exception as error:  # noqa: BLE001  # the command has run: its exit code is passed on
        _note(folder, problem=reason(error))
    _leave(status)


def _own_environment(**own: str) -> dict[bytes, bytes]:
    """Return the environment as it was before variables of ours stood in it."""
    environment = dict(os.environb)
    for name, value in own.items():
        environment.pop(name.encode(), None)
        if value:
            environment[name.encode()] = os.fsencode(value[1:])
    return environment


def _note(folder: str, **facts: str) -> None:
    """Tell `aigf repro` what became of this command; failing to is no reason to stop."""
    if "DVC_EXP_NAME" in os.environ:
        facts["experiment"] = os.environ["DVC_EXP_NAME"]
    line = json.dumps({"stage": os.environ.get("DVC_STAGE", ""), **facts}) + "\n"
    try:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with open(os.open(os.path.join(folder, "notes"), flags, 0o600), "wb") as file:
            file.write(line.encode())
    except OSError:
        pass


def _begin(folder: str, arguments: list[str]) -> Run | None:
    """Return the run to observe; None when there is nothing to observe."""
    if "DVC_STAGE" not in os.environ or arguments[-2:-1] != ["-c"]:
        return None  # not a command: DVC asks some shells for their version
    plan = _load(folder, "plan.json")
    if "planner" in plan:
        plan = _experiment_plan(folder, plan)
    run = planned_run(plan, os.environ["DVC_STAGE"], os.getcwd())
    if run is not None:
        run.begin(arguments[-1], _take(_state_file(folder, run)))
    return run


def _end(folder: str, run: Run, status: int) -> None:
    waiting = run.end(status)
    if waiting is not None:
        write(_state_file(folder, run), json.dumps(waiting).encode())
        return
    run.keep()
    _note(folder, observed=run.address)


def _state_file(folder: str, run: Run) -> str:
    """Return the file in which the processes of one run hand on what they know."""
    name = hashlib.sha256(os.fsencode(f"{run.plan['root']}:{run.address}")).hexdigest()[:16]
    return os.path.join(folder, f"run-{name}.json")


def _take(file: str) -> dict[str, Any] | None:
    try:
        with open(file, "rb") as opened:
            state = dict(json.load(opened))
    except FileNotFoundError:
        return None
    os.unlink(file)
    return state


def _load(folder: str, name: str) -> dict[str, Any]:
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return read_plan(file.read())


def _experiment_plan(folder: str, base: dict[str, Any]) -> dict[str, Any]:
    """Return the plan of an experiment's copy: made as its first stage runs, when all is set."""
    name = f"plan-{hashlib.sha256(os.getcwdb()).hexdigest()[:16]}.json"
    if not os.path.exists(os.path.join(folder, name)):
        import subprocess  # noqa: PLC0415  # once in an experiment and folder

        planner = [*base["planner"], folder, name, os.getcwd()]
        made = subprocess.run(planner, capture_output=True, check=False)
        if made.returncode != 0:
            said = made.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise NotObservedError(f"its copy of the project cannot be read: {said}")
    return _load(folder, name)


def _run_shell(shell: str, arguments: list[str], environment: dict[bytes, bytes]) -> int:
    """Run the real shell and return its wait status."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)  # until both sides are ready
    child = os.posix_spawn(
        shell,
        [shell, *arguments],
        environment,
        setsigdef=_IGNORED_BY_PYTHON,
        setsigmask=mask,
    )
    before = {number: signal.getsignal(number) for number in ENDINGS[:3]}
    # Ctrl-C and Ctrl-\ reach the whole process group: the command answers, we pass its answer on.
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    # SIGTERM is sent to the one process that DVC knows: that would be the shell.
    if before[signal.SIGTERM] is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, lambda number, _: _pass_on(child, number))
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    status = os.waitpid(child, 0)[1]
    for number, handler in before.items():
        signal.signal(number, handler)
    return status


def _pass_on(child: int, number: int) -> None:
    """Send a command the signal that we got."""
    try:
        os.kill(child, number)
    except ProcessLookupError:
        return  # it has just ended, perhaps by a signal of its own: its exit code tells


def _leave(status: int) -> None:
    """End as the command ended: with its exit code, or by the signal that killed it."""
    if os.WIFSIGNALED(status):
        import resource  # noqa: PLC0415  # only a command that was killed needs it

        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command has left its own
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))
