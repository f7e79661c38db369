"""Parameters: the values that a pipeline's stages ran with, each with its file and key."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value as the lock records it, and the stage that read it."""

    name: str  # `file:key`, dots for nesting
    value: object
    stage: str
