"""Holds a pipeline's records against each other and against the bytes: the state of every edge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aigf_dvc.canonical import as_json, dumps, user_data_as_json
from aigf_dvc.capture.contents import SAME_TEXT, Data, GitContent, git_content
from aigf_dvc.capture.file_hashing import Hashed
from aigf_dvc.capture.parameters import ABSENT, look_up, read_parameters
from aigf_dvc.capture.snapshot import Snapshot
from aigf_dvc.evidence.digest_lock import FILE_NAME, DigestLock, read_digest_lock
from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState
from aigf_dvc.evidence.pipeline import LEGACY, Out, Pipeline, Recorded, Stage, StageLock
from aigf_dvc.redaction import redact

_SHOWN = 40


@dataclass(slots=True)
class Consistency:
    """One comparison of a snapshot with its locks; what was read once is remembered."""

    snapshot: Snapshot
    pipeline: Pipeline
    data: Data
    _producers: Mapping[str, str] = field(init=False)
    _digests: DigestLock | None = field(default=None, init=False)
    _git: dict[str, GitContent | None] = field(default_factory=dict, init=False)
    _parameters: dict[str, Mapping[str, Any] | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._producers = self.pipeline.producers()

    def edges(self, address: str) -> Iterator[Edge]:
        """Yield every edge of one stage."""
        stage = self.pipeline.stages[address]
        lock = self.pipeline.locks.get(address)
        if lock is None:
            yield _edge(stage, EdgeKind.COMMAND, "", EdgeState.MISSING, "the stage never ran")
            return
        yield _command(stage, lock)
        for path in sorted({*stage.deps, *lock.deps}):
            yield self._input(stage, lock, path)
        for path, keys in sorted(_parameter_keys(stage, lock).items()):
            yield from self._parameter_edges(stage, lock, path, keys)
        yield from self._outputs(stage, lock)

    def git_content(self, path: str) -> GitContent | None:
        """Return what git has at a path."""
        if path not in self._git:
            self._git[path] = git_content(self.snapshot, path)
        return self._git[path]

    def _input(self, stage: Stage, lock: StageLock, path: str) -> Edge:
        recorded = lock.deps.get(path)
        if recorded is None or path not in stage.deps:
            listed, other = (
                ("dvc.yaml", "dvc.lock") if recorded is None else ("dvc.lock", "dvc.yaml")
            )
            reason = f"the stage's definition changed: {listed} lists it, {other} does not"
            return _edge(stage, EdgeKind.INPUT, path, EdgeState.MISMATCHED, reason)
        origin, reason = self._origin(path)
        if origin is None and not reason:
            state, reason = self._code(stage, recorded)
        elif origin is None:
            state = EdgeState.MISSING
        elif origin.value != recorded.value:  # DVC 2 and 3 give most files one hash
            state = EdgeState.MISMATCHED
            reason = f"this stage ran with another version than {reason} now"
        else:
            state, reason = self._bytes(recorded, "changed since it was recorded")
        return _edge(stage, EdgeKind.INPUT, path, state, reason)

    def _origin(self, path: str) -> tuple[Recorded | None, str]:
        """Return what made a path, by its own record; no record and no reason: it is code."""
        producer = self._producers.get(path)
        if producer is not None:
            lock = self.pipeline.locks.get(producer)
            recorded = lock.outs.get(path) if lock else None
            return recorded, (
                f"the stage {producer} makes" if recorded else f"the stage {producer} never made it"
            )
        if path in self.pipeline.tracked:
            return self.pipeline.tracked[path], "its .dvc file records"
        return None, ""

    def _code(self, stage: Stage, recorded: Recorded) -> tuple[EdgeState, str]:
        content = self.git_content(recorded.path)
        if content is None:
            return EdgeState.MISSING, self._why_unknown(recorded.path)
        how = content.matches(recorded)
        if how is None:
            frozen = " (the stage is frozen, so `dvc repro` keeps quiet)" if stage.frozen else ""
            return EdgeState.MISMATCHED, f"changed after the run{frozen}"
        return EdgeState.VERIFIED, how

    def _why_unknown(self, path: str) -> str:
        for kept in (*self._producers, *self.pipeline.tracked):
            if path.startswith(f"{kept}/"):
                return f"inside {kept}, which DVC keeps as a whole: make the folder the dependency"
            if kept.startswith(f"{path}/"):
                return f"a folder around {kept}, which DVC keeps: make that the dependency"
        return "neither in git, nor made by a stage, nor tracked by a .dvc file"

    def _bytes(self, recorded: Recorded, changed: str) -> tuple[EdgeState, str]:
        """Compare data with its record, when the data is here."""
        hashed = self.data.hash(recorded)
        if hashed is None:
            return EdgeState.RECORDED, "the records agree; the bytes were not read"
        if hashed.md5 == recorded.value:
            return self._same_md5(recorded, hashed)
        if recorded.algorithm == LEGACY and hashed.md5_as_text is None:
            return EdgeState.RECORDED, "recorded by DVC 2, whose hash of text ignores line endings"
        if recorded.algorithm == LEGACY and hashed.md5_as_text == recorded.value:
            return EdgeState.VERIFIED, SAME_TEXT
        return EdgeState.MISMATCHED, changed

    def _same_md5(self, recorded: Recorded, hashed: Hashed) -> tuple[EdgeState, str]:
        """Compare with the SHA-256 that was seen first: anyone can make two files of one MD5."""
        if self._digests is None:
            self._digests = read_digest_lock(self.snapshot.read(FILE_NAME))
        if self._digests.sha256(recorded.value, recorded.size) in (None, hashed.sha256):
            return EdgeState.VERIFIED, "the same bytes"
        return EdgeState.MISMATCHED, f"other bytes with the same MD5: {FILE_NAME} knows the first"

    def _outputs(self, stage: Stage, lock: StageLock) -> Iterator[Edge]:
        outs = {out.path: out for out in stage.outs}
        for path in sorted({*outs, *lock.outs}):
            recorded, out = lock.outs.get(path), outs.get(path)
            if recorded is None or out is None:
                state = EdgeState.MISSING if recorded is None else EdgeState.MISMATCHED
                reason = "never made" if recorded is None else "dvc.yaml no longer lists it"
            else:
                state, reason = self._output(out, recorded)
            yield _edge(stage, EdgeKind.OUTPUT, path, state, reason)

    def _output(self, out: Out, recorded: Recorded) -> tuple[EdgeState, str]:
        content = None if out.cached else self.git_content(out.path)
        if content is None:
            return self._bytes(recorded, "edited after the run")
        how = content.matches(recorded)
        if how is None:
            return EdgeState.MISMATCHED, "edited after the run"
        return EdgeState.VERIFIED, how

    def _parameter_edges(
        self, stage: Stage, lock: StageLock, path: str, keys: tuple[str, ...]
    ) -> Iterator[Edge]:
        values = self._read_parameters(path)
        recorded = lock.parameters.get(path, {})
        if stage.parameters.get(path) == ():  # the whole file: new keys count too
            keys = tuple(dict.fromkeys((*keys, *map(str, values or ()))))
        for key in keys:
            now = ABSENT if values is None else look_up(values, key)
            state, reason = _compare(recorded.get(key, ABSENT), now, path, key)
            yield _edge(stage, EdgeKind.PARAMETER, f"{path}:{key}", state, reason)

    def _read_parameters(self, path: str) -> Mapping[str, Any] | None:
        if path not in self._parameters:
            data = self.snapshot.read(path)
            self._parameters[path] = None if data is None else read_parameters(data, path=path)
        return self._parameters[path]


def _parameter_keys(stage: Stage, lock: StageLock) -> dict[str, tuple[str, ...]]:
    """Return the keys to compare in each file: the defined and the recorded ones."""
    found = {}
    for path, keys in stage.parameters.items():
        recorded = lock.parameters.get(path, {})
        found[path] = tuple(dict.fromkeys((*keys, *map(str, recorded))))
    for path, recorded in lock.parameters.items():
        found.setdefault(path, tuple(map(str, recorded)))
    return found


def _compare(recorded: object, now: object, path: str, key: str) -> tuple[EdgeState, str]:
    if recorded is ABSENT:
        return EdgeState.MISMATCHED, "the stage's definition changed: dvc.lock does not have it"
    if now is ABSENT:
        return EdgeState.MISMATCHED, f"{path} no longer has it"
    # Not Python's own ==, for which 1, 1.0 and true are one.
    if dumps(user_data_as_json(recorded)) != dumps(user_data_as_json(now)):
        used, says = _short(recorded, key), _short(now, key)
        return EdgeState.MISMATCHED, f"the run used {used}, {path} says {says}"
    return EdgeState.VERIFIED, "the same value"


def _short(value: object, key: str) -> str:
    text = repr(redact(as_json(value), name=key.rpartition(".")[2]))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _command(stage: Stage, lock: StageLock) -> Edge:
    if stage.commands == lock.commands:
        return _edge(stage, EdgeKind.COMMAND, "", EdgeState.VERIFIED, "the same command")
    reason = "the command changed after the run"
    return _edge(stage, EdgeKind.COMMAND, "", EdgeState.MISMATCHED, reason)


def _edge(stage: Stage, kind: EdgeKind, name: str, state: EdgeState, reason: str) -> Edge:
    return Edge(stage=stage.address, kind=kind, name=name, state=state, reason=reason)
