"""Parameters: the values that a pipeline's stages ran with, each with its file and key."""

from collections.abc import Iterable

from msgspec import Struct

from aigf_dvc.evidence.ran_stage import RanStage


class Parameter(Struct, frozen=True, kw_only=True):
    """One value as the lock records it, and the stage that read it."""

    name: str  # `file:key`, dots for nesting
    value: object  # plain JSON; secrets are redacted, what JSON cannot carry is marked
    stage: str


def parameters_of(stages: Iterable[RanStage]) -> tuple[Parameter, ...]:
    """Return every parameter that some stages ran with."""
    return tuple(
        Parameter(name=f"{file}:{key}", value=value, stage=stage.name)
        for stage in stages
        for file, values in stage.parameters.items()
        for key, value in values.items()
    )
