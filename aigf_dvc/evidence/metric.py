"""One metric of a model."""

from msgspec import Struct


class Metric(Struct, frozen=True, kw_only=True):
    """One value as the file has it (a rule decides whether it is a number), and its place."""

    value: object
    where: str  # `file:key`
