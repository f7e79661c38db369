"""What filling in a card would change, as text for people."""

import difflib

from aigf_dvc.report.visible import visible


def card_difference(before: bytes, after: bytes, *, path: str) -> str:
    """Return what would change in a card, as `diff -u` shows it; empty: nothing."""
    old, new = (data.decode(errors="replace").split("\n") for data in (before, after))
    lines = difflib.unified_diff(old, new, f"{path} (now)", f"{path} (filled in)", lineterm="")
    return "\n".join(map(visible, lines))
