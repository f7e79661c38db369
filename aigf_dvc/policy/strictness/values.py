"""Compares two different values of one setting: which of them lets fewer models pass."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from aigf_dvc.policy.numbers import number_text
from aigf_dvc.policy.strictness.change import Compare, Direction, Judged

_SHOWN = 6
_UNKNOWN: Judged = (Direction.UNCLEAR, "nothing tells which of the two is stricter")


def at_least(old: object, new: object) -> Judged:
    """Compare two lower limits; none is no limit."""
    if old is None:
        return Direction.TIGHTENS, "a lower limit more"
    if new is None:
        return Direction.WEAKENS, "there is no lower limit any more"
    if not (isinstance(old, int | Decimal) and isinstance(new, int | Decimal)):
        return _UNKNOWN
    if new > old:
        return Direction.TIGHTENS, "the lower limit is higher"
    return Direction.WEAKENS, "the lower limit is lower"


def at_most(old: object, new: object) -> Judged:
    """Compare two upper limits; none is no limit."""
    if old is None:
        return Direction.TIGHTENS, "an upper limit more"
    if new is None:
        return Direction.WEAKENS, "there is no upper limit any more"
    if not (isinstance(old, int | Decimal) and isinstance(new, int | Decimal)):
        return _UNKNOWN
    if new < old:
        return Direction.TIGHTENS, "the upper limit is lower"
    return Direction.WEAKENS, "the upper limit is higher"


def demanded(old: object, new: object) -> Judged:
    """Compare two lists of which every item is demanded."""
    before, after = _items(old), _items(new)
    if before is None or after is None:
        return _UNKNOWN
    gone, came = before - after, after - before
    if gone:
        return Direction.WEAKENS, f"no longer demanded: {listed(gone)}"
    return (Direction.TIGHTENS, f"demanded, too: {listed(came)}") if came else _order_only()


def allowed(old: object, new: object) -> Judged:
    """Compare two lists of what is allowed; an empty one allows everything."""
    before, after = _items(old), _items(new)
    if before is None or after is None:
        return _UNKNOWN
    if before and not after:
        return Direction.WEAKENS, "everything is allowed now"
    if after and not before:
        return Direction.TIGHTENS, "not everything is allowed any more"
    gone, came = before - after, after - before
    if came:
        return Direction.WEAKENS, f"allowed, too: {listed(came)}"
    return (Direction.TIGHTENS, f"no longer allowed: {listed(gone)}") if gone else _order_only()


def denied(old: object, new: object) -> Judged:
    """Compare two lists of what is denied."""
    before, after = _items(old), _items(new)
    if before is None or after is None:
        return _UNKNOWN
    gone, came = before - after, after - before
    if gone:
        return Direction.WEAKENS, f"no longer denied: {listed(gone)}"
    return (Direction.TIGHTENS, f"denied, too: {listed(came)}") if came else _order_only()


def switched_on(old: object, new: object) -> Judged:
    """Compare two switches of a demand."""
    if not (isinstance(old, bool) and isinstance(new, bool)):
        return _UNKNOWN
    if new:
        return Direction.TIGHTENS, "it is demanded now"
    return Direction.WEAKENS, "it is no longer demanded"


def ranked(*order: object) -> Compare:
    """Return the comparison of two steps of a scale, from the laxest to the strictest."""

    def compare(old: object, new: object) -> Judged:
        if old not in order or new not in order:
            return _UNKNOWN
        if order.index(new) > order.index(old):
            return Direction.TIGHTENS, f"{shown(new)} is stricter than {shown(old)}"
        return Direction.WEAKENS, f"{shown(new)} is laxer than {shown(old)}"

    return compare


def subject(_old: object, new: object) -> Judged:
    """Compare what two rules are about: one does not stand for the other."""
    return Direction.WEAKENS, f"it is about {shown(new)} now"


def unclear(_old: object, _new: object) -> Judged:
    """Compare what no rule can: neither value is stricter for every model."""
    return _UNKNOWN


def listed(items: Collection[str]) -> str:
    """Return the first few of some names."""
    names = sorted(items)
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def shown(value: object) -> str:
    """Return a value as a policy writes it; nothing for what is not there."""
    if value is None or value == ():
        return ""
    if type(value) not in (tuple, dict) and isinstance(value, tuple | dict):
        return str(value)  # it says itself how people read it
    if isinstance(value, tuple) and all(isinstance(item, tuple) for item in value):
        value = dict(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, tuple | frozenset):
        return f"[{', '.join(map(shown, value))}]"
    return _scalar_text(value)


def _scalar_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, Decimal) else str(value)


def _items(value: object) -> frozenset[str] | None:
    if isinstance(value, tuple | frozenset):
        return frozenset(str(item) for item in value)
    return None


def _order_only() -> Judged:
    return Direction.NEUTRAL, "only the order differs"
