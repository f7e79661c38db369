"""Stages as they ran: what each read and made, as dvc.lock or a lineage manifest records it.

A stage that never ran stands as dvc.yaml defines it.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.pipeline import Makers, Pipeline
from aigf_dvc.evidence.run_record import recorded_parameters


class RanStage(Struct, frozen=True, kw_only=True):
    """One stage; its parameters are plain JSON without secrets."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Json]]  # file -> key -> value


class RanStages:
    """All stages of a project, and which of them lead to a path."""

    def __init__(self, stages: Iterable[RanStage]) -> None:
        """Take every stage of the project."""
        self._stages = {stage.name: stage for stage in stages}
        self._made = {out: s.name for s in self._stages.values() for out in s.outputs}
        self._makers = Makers(self._made)

    def behind(self, paths: Iterable[str]) -> tuple[RanStage, ...]:
        """Return the stages that some paths' bytes depend on; each once."""
        seen: dict[str, None] = {}  # a set that keeps its order
        waiting = [name for path in paths for name in self._makers.of(path)]
        while waiting:
            name = waiting.pop(0)
            if name not in seen:
                seen[name] = None
                for path in self._stages[name].inputs:
                    waiting.extend(self._makers.of(path))
        return tuple(self._stages[name] for name in seen)

    def makes(self, path: str) -> bool:
        """Tell whether a stage makes a path, or what holds it, or what is in it."""
        return bool(self._makers.of(path))

    def outputs_at(self, places: Iterable[str]) -> tuple[str, ...]:
        """Return the outputs in which values stand, by their places: `file:key`."""
        known = tuple(places)
        return tuple(
            out
            for out in self._made
            if any(place.startswith((f"{out}:", f"{out}/")) for place in known)
        )


def ran_stages(pipeline: Pipeline) -> RanStages:
    """Return the stages of a pipeline."""
    return RanStages(_of_pipeline(pipeline))


def _of_pipeline(pipeline: Pipeline) -> Iterator[RanStage]:
    for address, stage in pipeline.stages.items():
        lock = pipeline.locks.get(address)
        yield RanStage(
            name=address,
            inputs=tuple(sorted(lock.deps if lock else stage.deps)),
            outputs=tuple(sorted(lock.outs if lock else (out.path for out in stage.outs))),
            parameters=recorded_parameters(lock.parameters) if lock else {},
        )


def planned_stages(
    pipeline: Pipeline, parameters: Mapping[str, Mapping[str, Mapping[str, object]]]
) -> RanStages:
    """Return the stages as they would run now: as dvc.yaml defines them, whatever ran before.

    Args:
        pipeline: of the project.
        parameters: stage -> file -> key -> what the parameter file holds now.
    """
    return RanStages(
        RanStage(
            name=address,
            inputs=tuple(sorted(stage.deps)),
            outputs=tuple(sorted(out.path for out in stage.outs)),
            parameters=recorded_parameters(parameters.get(address, {})),
        )
        for address, stage in pipeline.stages.items()
    )


def ran_stages_of(manifest: object) -> RanStages:
    """Return the stages of a loaded manifest; whatever has another form says nothing."""
    stages = objects(value_at(value_at(manifest, "pipeline"), "stages"))
    return RanStages(
        RanStage(
            name=str(stage.get("name")),
            inputs=texts(stage.get("inputs")),
            outputs=texts(stage.get("outputs")),
            parameters={
                str(file): values
                for file, values in _mapping(stage.get("parameters")).items()
                if isinstance(values, Mapping)
            },
        )
        for stage in stages
    )


def value_at(value: object, key: str) -> object:
    """Return a value of a mapping; None when there is none."""
    return value.get(key) if isinstance(value, Mapping) else None


def objects(value: object) -> list[Mapping[str, Json]]:
    """Return the mappings of a list; none when it is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list; none when it is no list."""
    return tuple(i for i in value if isinstance(i, str)) if isinstance(value, list) else ()


def _mapping(value: object) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
