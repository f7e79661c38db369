"""One run of a stage, as it is observed: what it read and made, and the record of that.

It is part of the recorder, which starts before a command: standard library only, and of that
neither pathlib nor typing.
"""

# pathlib would be half as much again to import.
# ruff: noqa: PTH105, PTH112, PTH114, PTH118, PTH123

from __future__ import annotations  # names of types cost nothing at run time

import hashlib
import json
import os
import signal
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO
    from typing import Any

ENDINGS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)
_CHUNK = 4 << 20
_SETTLED_NS = 2_000_000_000  # file systems count time in ticks of up to two seconds


class NotObservedError(Exception):
    """Say why a run cannot be vouched for."""


class _Canonical(str):
    """A value in its canonical form already, so it is passed on letter by letter."""

    __slots__ = ()


def reason(error: Exception) -> str:
    """Return what to tell of an error: why a run was not observed."""
    if isinstance(error, NotObservedError):
        return str(error)
    return f"the recorder failed: {type(error).__name__}: {error}"


def read_plan(text: str) -> dict[str, Any]:
    """Return a plan, which is canonical: numbers stay as they are spelled."""
    plan = dict(json.loads(text, parse_float=_Canonical))
    # The environment, as all records have it, is long.
    recorded = plan.get("recorded", {})
    plan["recorded"] = {key: _Canonical(_canonical(value)) for key, value in recorded.items()}
    return plan


def planned_run(plan: dict[str, Any], name: str, here: str) -> Run | None:
    """Return the run of a stage; None when it makes nothing that anybody could ask about.

    Args:
        plan: what to observe.
        name: the stage, as DVC names it from where it was called.
        here: the folder that its command runs in.
    """
    address = _address(plan, name)
    stage = plan["stages"][address]
    if "problem" in stage:
        raise NotObservedError(stage["problem"])
    # In a project inside this one a stage may have the same name.
    planned = os.path.join(plan["root"], stage["directory"])
    if os.path.realpath(here) != os.path.realpath(planned):
        raise NotObservedError("it ran in another folder than dvc.yaml says")
    return Run(plan, address) if stage["outputs"] else None


def _address(plan: dict[str, Any], stage: str) -> str:
    """Return the stage's address from the project's folder; DVC's is from where it was called."""
    folder, split, name = stage.partition("dvc.yaml:")  # names can have colons
    folder, name = (folder, name) if split else ("", folder)
    file = os.path.relpath(os.path.join(plan["start"], folder, "dvc.yaml"), plan["root"])
    address = name if file == "dvc.yaml" else f"{file}:{name}"
    if address not in plan["stages"]:
        reason = plan["problems"].get(file, f"not a plain stage: {file} has none of that name")
        raise NotObservedError(reason)
    return address


class Run:
    """One run of one stage: its commands come one by one, each with an object of its own."""

    def __init__(self, plan: dict[str, Any], address: str) -> None:
        self.plan = plan
        self.stage = plan["stages"][address]
        self.address = address
        self.state: dict[str, Any] = {}  # what the commands of one run hand on
        self.content = Content(plan["root"], {})
        self.seen: dict[str, Any] = {}  # what a record says of this run, after its last command

    def begin(self, command: str, state: dict[str, Any] | None) -> None:
        """Look at the inputs before the first command; keep the others in their order.

        Args:
            command: the one that is about to run.
            state: what `end` of the command before it returned; None for the first.
        """
        if state is not None:
            self.state = state
            self.content.known = state["known"]
        else:
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

    def end(self, status: int) -> dict[str, Any] | None:
        """Return what to hand on to the next command; after the last one look at the outputs."""
        if status != 0:
            raise NotObservedError(f"its command failed ({_outcome(status)})")
        waiting = self.state["commands"][1:]
        if waiting:
            return self.state | {"commands": waiting, "known": self.content.known}
        ended = _now()
        outputs = {path: self.content.look(path) for path in self.stage["outputs"]}
        for path, seen in self._inputs().items():
            if seen != self.state["inputs"][path]:
                raise NotObservedError(f"{path}, an input, changed while it ran")
        self.seen = {
            "inputs": self.state["inputs"],
            "outputs": outputs,
            "started": self.state["started"],
            "ended": ended,
            "exitCode": 0,
        }
        return None

    def keep(self) -> None:
        """Write the record, after `end` of the last command."""
        key = {
            **self.stage["recorded"],
            "deps": {path: seen["md5"] for path, seen in self.seen["inputs"].items()},
            "outs": {path: seen["md5"] for path, seen in self.seen["outputs"].items()},
        }
        record = {
            **self.plan["recorded"],
            **self.stage["recorded"],
            **self.seen,
            "stage": self.address,
            "directory": self.stage["directory"],
        }
        name = hashlib.sha256(_canonical(key).encode()).hexdigest()
        file = os.path.join(self.plan["records"], f"{name}.json")
        write(file, _canonical(record).encode())


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


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"killed by signal {os.WTERMSIG(status)}"
    return f"exit code {os.WEXITSTATUS(status)}"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _canonical(value: object) -> str:
    """Return RFC 8785 JSON; some of the plan is in that form already."""
    if isinstance(value, _Canonical):
        return value
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(k)}:{_canonical(v)}" for k, v in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def write(path: str, data: bytes) -> None:
    """Write a file whole or not at all: no reader, and no crash, ever sees a part of it."""
    beside = f"{path}.{os.getpid()}"
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
