"""What one comparison found: a state, why in one word, and why in a sentence."""

from functools import cache

from msgspec import Struct

from aigf_dvc.evidence.lineage import Cause, EdgeState


class Found(Struct, frozen=True, kw_only=True):
    """The outcome of one comparison."""

    state: EdgeState
    cause: Cause
    reason: str


@cache  # a handful of reasons, given for most edges
def verified(reason: str) -> Found:
    """Return that the bytes, or the values, are what the lock records."""
    return Found(state=EdgeState.VERIFIED, cause=Cause.SAME, reason=reason)


def recorded_only(cause: Cause, reason: str) -> Found:
    """Return that the records agree, while the bytes were not read."""
    return Found(state=EdgeState.RECORDED, cause=cause, reason=reason)


def mismatched(cause: Cause, reason: str) -> Found:
    """Return that two records, or a record and the bytes, contradict each other."""
    return Found(state=EdgeState.MISMATCHED, cause=cause, reason=reason)


def missing(cause: Cause, reason: str) -> Found:
    """Return that nothing records it, or that it cannot be compared."""
    return Found(state=EdgeState.MISSING, cause=cause, reason=reason)
