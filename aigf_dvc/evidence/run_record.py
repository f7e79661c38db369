"""The run record: what the recorder observed of one run of a stage.

A record is found by content: its key is computed from a lock entry (commands, digests of inputs
and outputs, parameters), never from a commit, a time or a stage's name. So a stage that DVC
skips or restores from its run cache finds the record of the run that really made the bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from aigf_dvc.canonical import Json, dumps, loads, user_data_as_json
from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.pipeline import Recorded, StageLock
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.redaction import redact, redact_text

RECORD_TYPE = "https://aigf-dvc.readthedocs.io/run-record/v1"
MEDIA_TYPE = "application/vnd.aigf.run-record.v1+json"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
MAX_BYTES = 16 * 2**20

Parameters = Mapping[str, Mapping[str, Json]]
"""Parameter file -> key -> value, as `recorded_parameters` returns them."""

_MD5 = lazy_pattern(r"[0-9a-f]{32}(\.dir)?\Z")
_TIME = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_KEYS = {
    "recordType", "stage", "commands", "directory", "inputs", "parameters", "outputs",
    "started", "ended", "exitCode", "environment", "recorder",
}  # fmt: skip


class Observed(Struct, frozen=True, kw_only=True):
    """The bytes that the recorder saw at one path."""

    md5: str  # as DVC names them; a directory's ends in `.dir`
    sha256: Sha256  # a directory's is the tree digest of its files
    size: int  # bytes; a directory's is the sum


class Recorder(Struct, frozen=True, kw_only=True):
    """The program that observed a run."""

    name: str
    version: str


class RunRecord(Struct, frozen=True, kw_only=True):
    """One observed run of a stage that succeeded; secrets are redacted, paths are the project's."""

    stage: str  # its address
    commands: tuple[str, ...]
    directory: str  # the folder it ran in; empty for the project's own
    inputs: Mapping[str, Observed]
    parameters: Parameters
    outputs: Mapping[str, Observed]
    started: datetime  # UTC, whole seconds
    ended: datetime
    exit_code: int  # always 0: a failed run leaves no record
    environment: Mapping[str, Json]
    recorder: Recorder

    @property
    def key(self) -> Sha256:
        """Return the key under which this record is found."""
        return record_key(
            self.commands,
            {path: seen.md5 for path, seen in self.inputs.items()},
            self.parameters,
            {path: seen.md5 for path, seen in self.outputs.items()},
        )

    def to_bytes(self) -> bytes:
        """Return the record's canonical bytes."""
        return dumps(
            {
                "recordType": RECORD_TYPE,
                "stage": self.stage,
                "commands": list(self.commands),
                "directory": self.directory,
                "inputs": _observed_as_json(self.inputs),
                "parameters": self.parameters,
                "outputs": _observed_as_json(self.outputs),
                "started": self.started.strftime(TIME_FORMAT),
                "ended": self.ended.strftime(TIME_FORMAT),
                "exitCode": self.exit_code,
                "environment": self.environment,
                "recorder": {"name": self.recorder.name, "version": self.recorder.version},
            }
        )


def record_key(
    commands: Sequence[str],
    deps: Mapping[str, str],
    parameters: Parameters,
    outs: Mapping[str, str],
) -> Sha256:
    """Return the key of a run: the SHA-256 of what went in and what came out.

    Args:
        commands: as `recorded_commands` returns them.
        deps: path -> DVC's MD5 of each input.
        parameters: as `recorded_parameters` returns them.
        outs: path -> DVC's MD5 of each output.
    """
    return sha256(
        dumps(
            {
                "commands": list(commands),
                "deps": dict(deps),
                "outs": dict(outs),
                "parameters": parameters,
            }
        )
    )


def key_of_lock(lock: StageLock) -> Sha256 | None:
    """Return the key of the run that a lock entry speaks of; None when no record can match it.

    DVC 2's hashes of text (`md5-dos2unix`) never match: they do not name bytes.
    """
    deps, outs = _md5s(lock.deps), _md5s(lock.outs)
    if deps is None or outs is None:
        return None
    return record_key(
        recorded_commands(lock.commands), deps, recorded_parameters(lock.parameters), outs
    )


def _md5s(recorded: Mapping[str, Recorded]) -> dict[str, str] | None:
    if any(item.algorithm != "md5" for item in recorded.values()):
        return None
    return {path: item.value for path, item in recorded.items()}


def recorded_commands(commands: Iterable[str]) -> tuple[str, ...]:
    """Return a stage's commands as a record holds them: without secrets."""
    return tuple(redact_text(command) for command in commands)


def recorded_parameters(parameters: Mapping[str, Mapping[str, object]]) -> Parameters:
    """Return a stage's parameters as a record holds them: plain JSON without secrets."""
    found: dict[str, Mapping[str, Json]] = {}
    for file, values in parameters.items():
        plain = redact(user_data_as_json(values))
        found[file] = plain if isinstance(plain, dict) else {}
    return found


def _observed_as_json(observed: Mapping[str, Observed]) -> Json:
    return {
        path: {"md5": seen.md5, "sha256": seen.sha256, "size": seen.size}
        for path, seen in observed.items()
    }


def parse_run_record(data: bytes, *, where: str) -> RunRecord:
    """Read a run record strictly.

    Raises:
        UndecidedError: it has another form, or its bytes are not the canonical ones.
    """
    value = loads(data, where=where, max_bytes=MAX_BYTES)
    read = _Reader(where)
    top = read.mapping(value, "")
    if set(top) != _KEYS:
        raise read.wrong("", sorted(set(top) ^ _KEYS), "exactly the keys of a run record")
    if top["recordType"] != RECORD_TYPE:
        raise read.wrong("recordType", top["recordType"], RECORD_TYPE)
    recorder = read.mapping(top["recorder"], "recorder")
    if set(recorder) != {"name", "version"}:
        raise read.wrong("recorder", sorted(recorder), "name and version")
    record = RunRecord(
        stage=read.text(top["stage"], "stage"),
        commands=read.commands(top["commands"]),
        directory=read.text(top["directory"], "directory"),
        inputs=read.observed(top["inputs"], "inputs"),
        parameters={
            file: read.mapping(values, f"parameters.{file}")
            for file, values in read.mapping(top["parameters"], "parameters").items()
        },
        outputs=read.observed(top["outputs"], "outputs"),
        started=read.time(top["started"], "started"),
        ended=read.time(top["ended"], "ended"),
        exit_code=read.success(top["exitCode"]),
        environment=read.mapping(top["environment"], "environment"),
        recorder=Recorder(
            name=read.text(recorder["name"], "recorder.name"),
            version=read.text(recorder["version"], "recorder.version"),
        ),
    )
    if record.to_bytes() != data:
        raise UndecidedError("not canonical JSON", where=where, expected="RFC 8785 bytes")
    return record


class _Reader:
    """Typed access to a record's JSON; every refusal names the place."""

    def __init__(self, where: str) -> None:
        self._where = where

    def wrong(self, place: str, found: object, expected: str) -> UndecidedError:
        where = f"{self._where}: {place}" if place else self._where
        return UndecidedError(f"{found!r:.100}", where=where, expected=expected)

    def mapping(self, value: Json, place: str) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise self.wrong(place, value, "a JSON object")
        return value

    def text(self, value: Json, place: str) -> str:
        if not isinstance(value, str):
            raise self.wrong(place, value, "a text")
        return value

    def commands(self, value: Json) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise self.wrong("commands", value, "a list of commands")
        return tuple(self.text(command, "commands") for command in value)

    def time(self, value: Json, place: str) -> datetime:
        text = self.text(value, place)
        try:
            if _TIME.match(text):
                return datetime.fromisoformat(text)
        except ValueError:
            pass
        raise self.wrong(place, text, "a time such as 2026-01-31T12:00:00Z")

    def success(self, value: Json) -> int:
        if value != 0 or isinstance(value, bool):
            raise self.wrong("exitCode", value, "0: only a run that succeeded is recorded")
        return 0

    def observed(self, value: Json, place: str) -> dict[str, Observed]:
        return {
            path: self._seen(item, f"{place}.{path}")
            for path, item in self.mapping(value, place).items()
        }

    def _seen(self, value: Json, place: str) -> Observed:
        match self.mapping(value, place):
            case {"md5": str(md5), "sha256": digest, "size": int(size), **rest} if not rest:
                sha256_ = as_sha256(digest)
                if sha256_ and _MD5.match(md5) and size >= 0 and not isinstance(size, bool):
                    return Observed(md5=md5, sha256=sha256_, size=size)
        raise self.wrong(place, value, "md5, sha256 and size")
