"""What the pipeline knows of a model, as its card may state it: the same on every machine.

No commit, clock or cache is in it: a card is committed with what it says, and must stay true.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from aigf_dvc.canonical import Json, user_data_as_json
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.data_origin import data_read
from aigf_dvc.evidence.digest_lock import DigestLock
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.pipeline import Pipeline, Recorded
from aigf_dvc.redaction import redact, redact_text
from aigf_dvc.settings import ModelSettings


class FileFact(Struct, frozen=True, kw_only=True):
    """A model or data set: its path, and what names its bytes."""

    path: str
    sha256: Sha256 | None  # None: the digest lock does not know it
    dvc: str  # `md5:...`; empty: DVC recorded no hash


class ValueFact(Struct, frozen=True, kw_only=True):
    """A metric or parameter: its name, value and place, without secrets."""

    name: str
    value: Json
    where: str  # `file:key`
    is_there: bool = True  # False: the file does not have it


class ModelFacts(Struct, frozen=True, kw_only=True):
    """What a card may state about one model."""

    name: str
    model: FileFact
    metrics: tuple[ValueFact, ...]
    data: tuple[FileFact, ...]
    parameters: tuple[ValueFact, ...]


def model_facts(
    model: ModelSettings, pipeline: Pipeline, evidence: ModelEvidence, lock: DigestLock
) -> ModelFacts:
    """Return what a card may state, from the records of the runs that made the model and metrics.

    Raises:
        RefusedError: the metrics are not those of this model, or one of them was changed.
    """
    _refuse_unsound(model, evidence)
    sources = [source.file for source in model.metrics.values()]
    stages = _stages(pipeline, (model.path, *sources))
    reads = (p for address in pipeline.ancestors(model.path) for p in pipeline.stages[address].deps)
    return ModelFacts(
        name=model.name,
        model=_file(model.path, pipeline.made().get(model.path), lock),
        metrics=tuple(_metrics(model, evidence)),
        data=tuple(
            _file(path, pipeline.tracked[path], lock)
            for path in sorted(data_read(reads, pipeline.tracked))
        ),
        parameters=tuple(_parameters(pipeline, stages)),
    )


def _refuse_unsound(model: ModelSettings, evidence: ModelEvidence) -> None:
    """Refuse numbers that are not of this model: a card must not praise one for another."""
    told = {model.path, *(source.file for source in model.metrics.values())}
    edges = evidence.lineage.edges if evidence.lineage is not None else ()
    for edge in edges:
        if edge.name in told and not edge.state.is_sound:
            raise RefusedError(
                f"{edge.state.value}: {edge.reason}",
                where=f"{edge.name} (stage {edge.stage})" if edge.stage else edge.name,
                expected=f"{model.name} and its metrics as one run of the pipeline left them",
                hint="`dvc repro` makes them anew; `aigf capture --check` lists all that is wrong",
            )


def _stages(pipeline: Pipeline, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stage for path in paths for stage in pipeline.ancestors(path)))


def _file(path: str, recorded: Recorded | None, lock: DigestLock) -> FileFact:
    has_hash = recorded is not None and recorded.value
    return FileFact(
        path=redact_text(path),
        sha256=lock.sha256(recorded.value, recorded.size) if recorded and has_hash else None,
        dvc=f"{recorded.algorithm}:{recorded.value}" if recorded and has_hash else "",
    )


def _metrics(model: ModelSettings, evidence: ModelEvidence) -> Iterator[ValueFact]:
    for name, source in model.metrics.items():
        metric = evidence.metrics.get(name)
        value = user_data_as_json(metric.value) if metric is not None else None
        yield ValueFact(
            name=redact_text(name),
            value=redact(value, name=name),
            where=redact_text(source.place),
            is_there=metric is not None,
        )


def _parameters(pipeline: Pipeline, stages: Iterable[str]) -> Iterator[ValueFact]:
    """Yield each parameter that a run read, once, by file and name."""
    locks = (pipeline.locks[stage] for stage in stages if stage in pipeline.locks)
    found: dict[tuple[str, str], ValueFact] = {}
    for lock in locks:
        for file, values in lock.parameters.items():
            for name, value in values.items():
                safe = redact(user_data_as_json(value), name=name)
                for dotted, leaf in _leaves(redact_text(name), safe):
                    found[file, dotted] = ValueFact(
                        name=dotted, value=leaf, where=redact_text(file)
                    )
    for key in sorted(found):
        yield found[key]


def _leaves(name: str, value: Json) -> Iterator[tuple[str, Json]]:
    is_mark = isinstance(value, Mapping) and len(value) == 1 and next(iter(value))[:1] == "$"
    if isinstance(value, Mapping) and value and not is_mark:
        for key, item in value.items():
            yield from _leaves(f"{name}.{key}", item)
    else:
        yield name, value
