"""The reproduction record: what a clean run of a model's stages made, beside what is recorded.

A record is found by content, as run records are: its key is computed from the model's name and
the keys of the lock entries that were run again, never from a commit or a time. What follows from
its digests and numbers (`identical`, `within`, `result`) is written for readers, and computed
again by every judge.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Context, Decimal
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json, dumps, loads
from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.run_record import TIME_FORMAT, Recorder
from aigf_dvc.lazy_pattern import lazy_pattern

REPRODUCTION_TYPE = "https://aigf-dvc.readthedocs.io/reproduction/v1"
MEDIA_TYPE = "application/vnd.aigf.reproduction.v1+json"
MAX_BYTES = 16 * 2**20

_EXACT = Context(prec=60)
_MD5 = lazy_pattern(r"[0-9a-f]{32}(\.dir)?\Z")
_NUMBER = lazy_pattern(r"-?[0-9]{1,40}(\.[0-9]{1,40})?(E[+-][0-9]{1,3})?\Z")
_TIME = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")


@unique
class Result(StrEnum):
    """What a clean run came to."""

    IDENTICAL = "identical"  # every output has the recorded bytes
    WITHIN_TOLERANCE = "within-tolerance"  # other bytes; every metric is as near as was asked
    DIFFERENT = "different"


class Digests(Struct, frozen=True, kw_only=True):
    """The digests of one output, as DVC and as a run record name them."""

    md5: str  # a directory's ends in `.dir`
    sha256: Sha256  # a directory's is the tree digest of its files


class ComparedOutput(Struct, frozen=True, kw_only=True):
    """One output: what is recorded of it, and what the clean run made."""

    name: str
    recorded: Digests
    made: Digests

    @property
    def is_identical(self) -> bool:
        """Tell whether the clean run made the recorded bytes."""
        return self.recorded == self.made


class ReproducedStage(Struct, frozen=True, kw_only=True):
    """One stage that was run again."""

    name: str  # its address
    key: Sha256  # of its lock entry, as `run_record.key_of_lock` computes it
    directory: str  # the folder it ran in; empty for the project's own
    inputs: tuple[str, ...]  # what it read of the other stages' outputs; the rest is the commit's
    outputs: tuple[ComparedOutput, ...]
    run_record: Sha256 | None  # of the clean run; None: it could not be observed

    @property
    def is_identical(self) -> bool:
        """Tell whether the clean run made the recorded bytes, and made anything."""
        return bool(self.outputs) and all(output.is_identical for output in self.outputs)


class ComparedMetric(Struct, frozen=True, kw_only=True):
    """One metric: the recorded number, and the clean run's; None is no number."""

    recorded: Decimal | None
    made: Decimal | None
    tolerance: Decimal | None = None  # that the policy named when the run was compared

    @property
    def difference(self) -> Decimal | None:
        """Return how far the two numbers are apart, or None when one is no number."""
        if self.recorded is None or self.made is None:
            return None
        return abs(_EXACT.subtract(self.made, self.recorded))

    def is_within(self, tolerance: Decimal | None) -> bool:
        """Tell whether both are numbers and as near as is asked; without a tolerance, equal."""
        difference = self.difference
        return difference is not None and difference <= (tolerance or Decimal(0))


class Reproduction(Struct, frozen=True, kw_only=True):
    """One clean run of the stages that a model depends on."""

    model: str  # its name in aigf.yaml
    tree: Sha256  # the tree digest of the project's files that were run
    stages: tuple[ReproducedStage, ...]  # in the order in which they ran
    metrics: Mapping[str, ComparedMetric]  # the model's, and each that a tolerance names
    environment: Mapping[str, Json]
    started: datetime  # UTC, whole seconds
    ended: datetime
    recorder: Recorder

    @property
    def key(self) -> Sha256:
        """Return the key under which this record is found."""
        return reproduction_key(self.model, (stage.key for stage in self.stages))

    @property
    def tolerance(self) -> dict[str, Decimal]:
        """Return the tolerance that the metrics were compared with."""
        return {
            name: metric.tolerance
            for name, metric in self.metrics.items()
            if metric.tolerance is not None
        }

    @property
    def result(self) -> Result:
        """Return the result under the tolerance that was in force at the time."""
        return self.result_under(self.tolerance)

    def result_under(self, tolerance: Mapping[str, Decimal]) -> Result:
        """Return the result under a judge's own tolerance.

        Metrics stand in for bytes only where a tolerance is named at all. Then each of them counts:
        one that the tolerance does not name must be equal, one that it names must be there.
        """
        if self.stages and all(stage.is_identical for stage in self.stages):
            return Result.IDENTICAL
        known = tolerance.keys() <= self.metrics.keys()
        near = (m.is_within(tolerance.get(name)) for name, m in self.metrics.items())
        if tolerance and known and all(near):
            return Result.WITHIN_TOLERANCE
        return Result.DIFFERENT

    def reproduces(
        self, stage: ReproducedStage, level: TrustLevel, tolerance: Mapping[str, Decimal]
    ) -> bool:
        """Tell whether this run lifts one of its stages to `reproduced`.

        The recorded bytes made from the recorded bytes do, whatever other stages made. Near numbers
        do only for a stage that was observed: they show that the pipeline makes such models, not
        that it made these very bytes.

        Args:
            stage: one of this run's.
            level: how far the stage is trusted without this run.
            tolerance: the judge's.
        """
        same = {o.name for other in self.stages for o in other.outputs if o.is_identical}
        if stage.is_identical and same.issuperset(stage.inputs):
            return True
        near = self.result_under(tolerance) is not Result.DIFFERENT
        return near and level is TrustLevel.OBSERVED

    def as_json(self) -> dict[str, Json]:
        """Return the record as plain JSON."""
        return {
            "reproductionType": REPRODUCTION_TYPE,
            "model": self.model,
            "tree": {"digest": {"sha256": self.tree}},
            "stages": [_stage_as_json(stage) for stage in self.stages],
            "metrics": {name: _metric_as_json(metric) for name, metric in self.metrics.items()},
            "result": self.result,
            "environment": self.environment,
            "started": self.started.strftime(TIME_FORMAT),
            "ended": self.ended.strftime(TIME_FORMAT),
            "recorder": {"name": self.recorder.name, "version": self.recorder.version},
        }

    def to_bytes(self) -> bytes:
        """Return the record's canonical bytes."""
        return dumps(self.as_json())


def reproduction_key(model: str, stages: Iterable[Sha256]) -> Sha256:
    """Return the key of a clean run: of the model's name and of the keys of its stages."""
    return sha256(dumps({"model": model, "stages": sorted(stages)}))


def comparable(number: Decimal | None) -> Decimal | None:
    """Return a number that a record can hold, or None: one of absurd length is no number."""
    return number if number is not None and _NUMBER.match(str(number)) else None


def _stage_as_json(stage: ReproducedStage) -> Json:
    return {
        "name": stage.name,
        "key": stage.key,
        "directory": stage.directory,
        "inputs": list(stage.inputs),
        "outputs": [
            {
                "name": output.name,
                "recorded": {"md5": output.recorded.md5, "sha256": output.recorded.sha256},
                "made": {"md5": output.made.md5, "sha256": output.made.sha256},
                "identical": output.is_identical,
            }
            for output in stage.outputs
        ],
        "runRecord": {"sha256": stage.run_record} if stage.run_record else None,
    }


def _metric_as_json(metric: ComparedMetric) -> Json:
    """Return the numbers as texts: they are compared as exactly as the files have them."""
    return {
        "recorded": _number_as_json(metric.recorded),
        "made": _number_as_json(metric.made),
        "difference": _number_as_json(metric.difference),
        "tolerance": _number_as_json(metric.tolerance),
        "within": metric.is_within(metric.tolerance),
    }


def _number_as_json(number: Decimal | None) -> Json:
    return None if number is None else str(number)


def parse_reproduction(data: bytes, *, where: str) -> Reproduction:
    """Read a reproduction record strictly.

    Raises:
        UndecidedError: it has another form, its bytes are not the canonical ones, or what it says
            does not follow from its digests and numbers.
    """
    match loads(data, where=where, max_bytes=MAX_BYTES):
        case {
            "reproductionType": "https://aigf-dvc.readthedocs.io/reproduction/v1",
            "model": str(model),
            "tree": {"digest": {"sha256": tree}},
            "stages": list(stages),
            "metrics": dict(metrics),
            "environment": dict(environment),
            "started": started,
            "ended": ended,
            "recorder": {"name": str(name), "version": str(version)},
        }:
            record = Reproduction(
                model=model,
                tree=_sha256(tree, f"{where}: tree"),
                stages=tuple(_stage(stage, f"{where}: stages") for stage in stages),
                metrics={key: _metric(item, f"{where}: {key}") for key, item in metrics.items()},
                environment=environment,
                started=_time(started, f"{where}: started"),
                ended=_time(ended, f"{where}: ended"),
                recorder=Recorder(name=name, version=version),
            )
        case _:
            raise UndecidedError("another form", where=where, expected=REPRODUCTION_TYPE)
    if record.to_bytes() != data:  # an unknown key, a spelling, or a result that does not follow
        raise UndecidedError(
            "not the canonical bytes of what it says", where=where, expected="an untouched record"
        )
    return record


def _stage(value: Json, where: str) -> ReproducedStage:
    match value:
        case {
            "name": str(name), "key": key, "directory": str(directory),
            "inputs": list(inputs), "outputs": list(outputs), "runRecord": run,
        }:  # fmt: skip
            digest = run.get("sha256") if isinstance(run, dict) else run
            return ReproducedStage(
                name=name,
                key=_sha256(key, f"{where}: {name}"),
                directory=directory,
                inputs=tuple(map(str, inputs)),
                outputs=tuple(_output(output, f"{where}: {name}") for output in outputs),
                run_record=None if digest is None else _sha256(digest, f"{where}: {name}"),
            )
        case _:
            raise UndecidedError(f"{value!r:.100}", where=where, expected="a stage")


def _output(value: Json, where: str) -> ComparedOutput:
    match value:
        case {"name": str(name), "recorded": recorded, "made": made}:
            return ComparedOutput(
                name=name, recorded=_digests(recorded, where), made=_digests(made, where)
            )
        case _:
            raise UndecidedError(f"{value!r:.100}", where=where, expected="an output")


def _digests(value: Json, where: str) -> Digests:
    match value:
        case {"md5": str(md5), "sha256": digest} if _MD5.match(md5):
            return Digests(md5=md5, sha256=_sha256(digest, where))
        case _:
            raise UndecidedError(f"{value!r:.100}", where=where, expected="md5 and sha256")


def _metric(value: Json, where: str) -> ComparedMetric:
    match value:
        case {"recorded": recorded, "made": made, "tolerance": tolerance}:
            return ComparedMetric(
                recorded=_number(recorded, where),
                made=_number(made, where),
                tolerance=_number(tolerance, where),
            )
        case _:
            raise UndecidedError(f"{value!r:.100}", where=where, expected="a compared metric")


def _number(value: Json, where: str) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, str) and _NUMBER.match(value):
        return Decimal(value)
    raise UndecidedError(f"{value!r:.100}", where=where, expected="a number as a text, or null")


def _sha256(value: Json, where: str) -> Sha256:
    digest = as_sha256(value)
    if digest is None:
        raise UndecidedError(f"{value!r:.100}", where=where, expected="a SHA-256")
    return digest


def _time(value: Json, where: str) -> datetime:
    try:
        if isinstance(value, str) and _TIME.match(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise UndecidedError(
        f"{value!r:.100}", where=where, expected="a time such as 2026-01-31T12:00:00Z"
    )
