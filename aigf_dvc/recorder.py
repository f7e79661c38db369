"""The recorder: stands in for the shell while `aigf repro` runs, and observes a stage's commands.

DVC starts every command of a stage as `$SHELL -c COMMAND`. `aigf repro` lets SHELL name a small
script that starts this program in its place:

    LC_ALL=C python -I -S recorder.py FOLDER SHELL VARIABLE LOCALE ARGUMENT...

FOLDER is the private folder of this `aigf repro`: its plan, and what is noted for it. SHELL is
the real shell. VARIABLE and LOCALE are the user's own values of the variables SHELL and LC_ALL,
each after `=`, or empty where it was not set. (LC_ALL=C makes Python read file names as UTF-8
everywhere, and keeps it from adding LC_CTYPE to the environment: PEP 538 and 540.)

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
# ruff: noqa: PTH105, PTH108, PTH109, PTH110, PTH112, PTH114, PTH118, PTH123

from __future__ import annotations  # names of types cost nothing at run time

import hashlib
import json
import os
import signal
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO
    from typing import Any

_CHUNK = 4 << 20
_SETTLED_NS = 2_000_000_000  # file systems count time in ticks of up to two seconds
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)  # which no shell does
_ENDINGS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


class NotObservedError(Exception):
    """Say why a run cannot be vouched for."""


class _Number(str):
    """A number as the plan spells it: canonical already, so it is passed on letter by letter."""

    __slots__ = ()


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
        _note(folder, problem=_reason(error))
    if run is None:
        for number in _IGNORED_BY_PYTHON:
            signal.signal(number, signal.SIG_DFL)
        os.execve(shell, [shell, *arguments], environment)  # noqa: S606  # it is the shell
    status = _run_shell(shell, arguments, environment)
    try:
        run.end(status)
    except Exception as error:  # noqa: BLE001  # the command has run: its exit code is passed on
        _note(folder, problem=_reason(error))
    _leave(status)


def _own_environment(**own: str) -> dict[bytes, bytes]:
    """Return the environment as it was before variables of ours stood in it."""
    environment = dict(os.environb)
    for name, value in own.items():
        environment.pop(name.encode(), None)
        if value:
            environment[name.encode()] = os.fsencode(value[1:])
    return environment


def _reason(error: Exception) -> str:
    if isinstance(error, NotObservedError):
        return str(error)
    return f"the recorder failed: {type(error).__name__}: {error}"


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
    address = _address(plan)
    stage = plan["stages"][address]
    if "problem" in stage:
        raise NotObservedError(stage["problem"])
    # In a project inside this one a stage may have the same name.
    planned = os.path.join(plan["root"], stage["directory"])
    if os.path.realpath(os.getcwd()) != os.path.realpath(planned):
        raise NotObservedError("it ran in another folder than dvc.yaml says")
    if not stage["outputs"]:
        return None  # it makes nothing that anybody could ask about
    run = Run(folder, plan, address)
    run.begin(arguments[-1])
    return run


def _load(folder: str, name: str) -> dict[str, Any]:
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return dict(json.load(file, parse_float=_Number))


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


def _address(plan: dict[str, Any]) -> str:
    """Return the stage's address from the project's folder; DVC's is from where it was called."""
    folder, split, name = os.environ["DVC_STAGE"].partition("dvc.yaml:")  # names can have colons
    folder, name = (folder, name) if split else ("", folder)
    file = os.path.relpath(os.path.join(plan["start"], folder, "dvc.yaml"), plan["root"])
    address = name if file == "dvc.yaml" else f"{file}:{name}"
    if address not in plan["stages"]:
        reason = plan["problems"].get(file, f"not a plain stage: {file} has none of that name")
        raise NotObservedError(reason)
    return address


class Run:
    """One run of one stage: its commands come one by one, each to a process of its own."""

    def __init__(self, folder: str, plan: dict[str, Any], address: str) -> None:
        self.plan = plan
        self.stage = plan["stages"][address]
        self.address = address
        self.folder = folder
        name = hashlib.sha256(os.fsencode(f"{plan['root']}:{address}")).hexdigest()[:16]
        self.state_file = os.path.join(folder, f"run-{name}.json")
        self.state: dict[str, Any] = {}  # what the processes of one run hand on
        self.content = Content(plan["root"], {})

    def begin(self, command: str) -> None:
        """Look at the inputs before the first command; keep the others in their order."""
        try:
            with open(self.state_file, "rb") as file:
                self.state = json.load(file)
            os.unlink(self.state_file)
            self.content.known = self.state["known"]
        except FileNotFoundError:
            listed = self._listed(command)
            self.state = {"commands": listed, "inputs": self._inputs(), "started": _now()}
        if self.state["commands"][0] != command:
            raise NotObservedError("DVC ran another command than dvc.yaml lists")

    def _listed(self, command: str) -> list[str]:
        """Return the commands that DVC will run: a text line by line, a list item by item."""
        listed: list[str] = self.stage["commands"]
        if len(listed) == 1 and command != listed[0]:
            return listed[0].splitlines()
        return listed

    def _inputs(self) -> dict[str, Any]:
        for file, planned in self.stage["parameterFiles"].items():
            if self.content.look(file)["sha256"] != planned:
                raise NotObservedError(f"{file} changed after `aigf repro` read the parameters")
        return {path: self.content.look(path) for path in self.stage["inputs"]}

    def end(self, status: int) -> None:
        """Hand on to the next command; after the last one look at the outputs, and record."""
        if status != 0:
            raise NotObservedError(f"its command failed ({_outcome(status)})")
        waiting = self.state["commands"][1:]
        if waiting:
            state = self.state | {"commands": waiting, "known": self.content.known}
            _write(self.state_file, json.dumps(state).encode())
            return
        ended = _now()
        outputs = {path: self.content.look(path) for path in self.stage["outputs"]}
        for path, seen in self._inputs().items():
            if seen != self.state["inputs"][path]:
                raise NotObservedError(f"{path}, an input, changed while it ran")
        self._record(outputs, ended)

    def _record(self, outputs: dict[str, Any], ended: str) -> None:
        inputs = self.state["inputs"]
        key = {
            **self.stage["recorded"],
            "deps": {path: seen["md5"] for path, seen in inputs.items()},
            "outs": {path: seen["md5"] for path, seen in outputs.items()},
        }
        record = {
            **self.plan["recorded"],
            **self.stage["recorded"],
            "stage": self.address,
            "directory": self.stage["directory"],
            "inputs": inputs,
            "outputs": outputs,
            "started": self.state["started"],
            "ended": ended,
            "exitCode": 0,
        }
        name = hashlib.sha256(_canonical(key).encode()).hexdigest()
        _write(os.path.join(self.plan["records"], f"{name}.json"), _canonical(record).encode())
        _note(self.folder, observed=self.address)


class Content:
    """Reads files, and remembers by which signs it would notice an edit of them.

    Args:
        root: the project's folder.
        known: path -> [identity, md5, sha256] of the files that were read.
    """

    def __init__(self, root: str, known: dict[str, Any]) -> None:
        self.root = root
        self.known = known

    def look(self, path: str) -> dict[str, Any]:
        """Return the digests and size of a file or directory, as DVC and a record name them."""
        if not os.path.isdir(os.path.join(self.root, path)):
            return self._file(path)
        listing = []
        whole = hashlib.sha256()
        size = 0
        for name in self._walk(path):
            seen = self._file(f"{path}/{name}")
            listing.append({"md5": seen["md5"], "relpath": name})
            whole.update(seen["sha256"].encode() + b"  " + name.encode() + b"\n")
            size += seen["size"]
        md5 = hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False)
        return {"md5": md5.hexdigest() + ".dir", "sha256": whole.hexdigest(), "size": size}

    def _walk(self, folder: str) -> list[str]:
        """Return the files below a folder, by their path in it, sorted."""
        top = os.path.join(self.root, folder)
        found = []
        for place, folders, names in os.walk(top, onerror=_raise):
            inside = "" if place == top else os.path.relpath(place, top) + "/"
            for name in folders:
                if os.path.islink(os.path.join(place, name)):
                    raise NotObservedError(f"{folder}/{inside}{name} is a link to a folder")
            found += [inside + name for name in names]
        return sorted(found)

    def _file(self, path: str) -> dict[str, Any]:
        try:
            # O_NONBLOCK: a named pipe must not make us wait for ever.
            handle = os.open(os.path.join(self.root, path), os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            raise NotObservedError(f"{path} is not there") from None
        with open(handle, "rb", buffering=0) as file:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise NotObservedError(f"{path} is not a regular file")
            known, md5, sha256 = self.known.get(path, (None, "", ""))
            if known != _identity(before):
                md5, sha256 = _digests(file)
            if _identity(os.fstat(handle)) != _identity(before):
                raise NotObservedError(f"{path} changed while it was read")
        # An edit within a tick of the file system's clock leaves no sign: read it again next time.
        if time.time_ns() - before.st_ctime_ns > _SETTLED_NS:
            self.known[path] = [_identity(before), md5, sha256]
        return {"md5": md5, "sha256": sha256, "size": before.st_size}


def _raise(error: OSError) -> None:
    raise error


def _identity(status: os.stat_result) -> list[int]:
    """Return what changes when a file does: no program can set the change time (ctime) back."""
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _digests(file: FileIO) -> tuple[str, str]:
    """Return MD5, which DVC uses, and SHA-256 from one read; of large files on two cores."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    while chunk := file.read(_CHUNK):
        if len(chunk) < _CHUNK:
            md5.update(chunk)
            sha256.update(chunk)
            continue
        from threading import Thread  # noqa: PLC0415  # small files do without

        other = Thread(target=md5.update, args=(chunk,))
        other.start()
        sha256.update(chunk)
        other.join()
    return md5.hexdigest(), sha256.hexdigest()


def _run_shell(shell: str, arguments: list[str], environment: dict[bytes, bytes]) -> int:
    """Run the real shell and return its wait status."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # until both sides are ready
    child = os.posix_spawn(
        shell,
        [shell, *arguments],
        environment,
        setsigdef=_IGNORED_BY_PYTHON,
        setsigmask=mask,
    )
    before = {number: signal.getsignal(number) for number in _ENDINGS[:3]}
    # Ctrl-C and Ctrl-\ reach the whole process group: the command answers, we pass its answer on.
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    # SIGTERM is sent to the one process that DVC knows: that would be the shell.
    if before[signal.SIGTERM] is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, lambda number, _: os.kill(child, number))
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    status = os.waitpid(child, 0)[1]
    for number, handler in before.items():
        signal.signal(number, handler)
    return status


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


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"killed by signal {os.WTERMSIG(status)}"
    return f"exit code {os.WEXITSTATUS(status)}"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _canonical(value: object) -> str:
    """Return RFC 8785 JSON; the plan's numbers are in that form already."""
    if isinstance(value, _Number):
        return value
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(k)}:{_canonical(v)}" for k, v in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _write(path: str, data: bytes) -> None:
    """Write a file whole or not at all: no reader, and no crash, ever sees a part of it."""
    beside = f"{path}.{os.getpid()}"
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


if __name__ == "__main__":
    main()
