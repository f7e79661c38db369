"""One metric of a model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One value as the file has it (a rule decides whether it is a number), and its place."""

    value: object
    where: str  # `file:key`
