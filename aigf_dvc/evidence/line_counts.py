"""Counts the lines that differ between two versions of a file: pure."""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from msgspec import Struct

_LOOKS_AT = 8000  # bytes in which a NUL tells that a file is no text, as git does
_MOST_PAIRS = 1_000_000  # of lines: a comparison of more takes too long


class LineCounts(Struct, frozen=True, kw_only=True):
    """How many lines were added and removed."""

    added: int
    removed: int
    at_least: bool = False  # a large change: lines that only moved are not counted


def line_counts(before: bytes, after: bytes) -> LineCounts | None:
    """Return what changed between two texts, or None when one is no text."""
    if b"\0" in before[:_LOOKS_AT] or b"\0" in after[:_LOOKS_AT]:
        return None
    old, new = _trimmed(before.splitlines(keepends=True), after.splitlines(keepends=True))
    if len(old) * len(new) > _MOST_PAIRS:
        had, has = Counter(old), Counter(new)
        return LineCounts(added=(has - had).total(), removed=(had - has).total(), at_least=True)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    return LineCounts(added=len(new) - same, removed=len(old) - same)


def _trimmed(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Return two lists of lines without what they share at their beginning and end."""
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[start : len(old) - end], new[start : len(new) - end]
