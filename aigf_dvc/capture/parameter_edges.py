"""Compares the parameters that a stage ran with and those that the parameter files hold now."""

from collections.abc import Iterator, Mapping
from typing import Any

from aigf_dvc.canonical import Json, as_json, dumps, user_data_as_json
from aigf_dvc.capture.contents import Data
from aigf_dvc.capture.found import Found, mismatched, missing, verified
from aigf_dvc.capture.parameters import ABSENT, look_up, read_parameters
from aigf_dvc.evidence.lineage import Cause
from aigf_dvc.evidence.pipeline import Pipeline, Recorded, Stage, StageLock
from aigf_dvc.redaction import redact
from aigf_dvc.trees.snapshot import Snapshot

_SHOWN = 40
_PLAIN = (bool, int, float, str)


class ParameterFiles:
    """The parameter files of one snapshot, each read once."""

    def __init__(self, snapshot: Snapshot, pipeline: Pipeline, data: Data) -> None:
        self._snapshot = snapshot
        self._pipeline = pipeline
        self._data = data
        self._read: dict[str, Mapping[str, Any] | None] = {}
        self._kept: dict[str, Recorded] | None = None

    def compare(self, stage: Stage, lock: StageLock, path: str) -> Iterator[tuple[str, Found]]:
        """Yield what was found of each parameter of a file, under `file:key`."""
        values = self._values(path)
        recorded = lock.parameters.get(path, {})
        keys = keys_of(stage, lock, path)
        if stage.parameters.get(path) == ():  # then new keys count too
            keys = tuple(dict.fromkeys((*keys, *map(str, values or ()))))
        for key in keys:
            yield f"{path}:{key}", self._one(path, key, recorded.get(key, ABSENT))

    def _one(self, path: str, key: str, recorded: object) -> Found:
        values = self._values(path)
        if values is None and path in self._kept_by_dvc():
            return missing(Cause.NOT_HERE, f"DVC keeps {path}, and its bytes are not here")
        now = ABSENT if values is None else look_up(values, key)
        return _compare(recorded, now, path, key)

    def _values(self, path: str) -> Mapping[str, Any] | None:
        if path not in self._read:
            data = self._snapshot.read(path)
            if data is None and (record := self._kept_by_dvc().get(path)) is not None:
                data = self._data.read(record)
            self._read[path] = None if data is None else read_parameters(data, path=path)
        return self._read[path]

    def _kept_by_dvc(self) -> Mapping[str, Recorded]:
        """Return the records of the files that stages make or that .dvc files track."""
        if self._kept is None:
            self._kept = dict(self._pipeline.tracked) | dict(self._pipeline.made())
        return self._kept


def keys_of(stage: Stage, lock: StageLock, path: str) -> tuple[str, ...]:
    """Return the keys to compare in a file: the defined and the recorded ones."""
    recorded = map(str, lock.parameters.get(path, ()))
    return tuple(dict.fromkeys((*stage.parameters.get(path, ()), *recorded)))


def _compare(recorded: object, now: object, path: str, key: str) -> Found:
    if recorded is ABSENT:
        return mismatched(Cause.DEFINITION_CHANGED, "dvc.lock does not have it")
    if now is ABSENT:
        return mismatched(Cause.PARAMETER_DIFFERS, f"{path} no longer has it")
    # Not Python's own ==, for which 1, 1.0 and true are one; a program can tell them apart.
    if type(recorded) is type(now) and isinstance(now, _PLAIN) and recorded == now:
        return verified("the same value")
    if dumps(_typed(user_data_as_json(recorded))) != dumps(_typed(user_data_as_json(now))):
        used, says = _short(recorded, key), _short(now, key)
        return mismatched(Cause.PARAMETER_DIFFERS, f"the run used {used}, {path} says {says}")
    return verified("the same value")


def _typed(value: Json) -> Json:
    """Return a value in which 1.0 is not 1, as it is in canonical JSON."""
    match value:
        case float() if value.is_integer():
            return {"$float": repr(value)}
        case Mapping():
            return {key: _typed(item) for key, item in value.items()}
        case list():
            return [_typed(item) for item in value]
        case _:
            return value


def _short(value: object, key: str) -> str:
    text = repr(redact(as_json(value), name=key.rpartition(".")[2]))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
