"""Compares two demands of the kind `license`: fewer allowed and more denied ones are stricter."""

from aigf_dvc.policy.rules.license import SAYS_NOTHING
from aigf_dvc.policy.strictness.change import Comparison, Direction, Judged, Setting
from aigf_dvc.policy.strictness.values import allowed, denied, listed


def _allow(old: object, new: object) -> Judged:
    """Compare two lists; with none, all names are allowed but those that say nothing."""
    names = new if isinstance(new, tuple) else ()
    odd = [name for name in names if name.casefold() in SAYS_NOTHING]
    if not old and odd:
        return Direction.WEAKENS, f"allowed, too: {listed(odd)}"
    return allowed(old, new)


COMPARISON = Comparison(
    settings={
        "allow": Setting(key="allow", compare=_allow),
        "deny": Setting(key="deny", compare=denied),
    },
)
