"""The known names that a mistyped one may stand for."""

from collections.abc import Iterable


def close_names(name: str, known: Iterable[str], *, n: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return at most `n` of the known names, the nearest first.

    Args:
        name: what was written.
        known: what could have been meant.
        n: how many at most.
        cutoff: 0 to 1: how much of a name must agree.
    """
    from difflib import get_close_matches  # noqa: PLC0415  # only a mistake needs it

    return get_close_matches(name, list(known), n=n, cutoff=cutoff)
