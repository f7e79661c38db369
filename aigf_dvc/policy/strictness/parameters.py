"""Compares two demands of the kind `parameters`: more of them, in closer limits, are stricter."""

from collections.abc import Iterator, Mapping

from aigf_dvc.policy.strictness.change import Comparison, Direction, Judged, Setting
from aigf_dvc.policy.strictness.values import at_least, at_most, listed, shown


class _Limits(dict[str, Mapping[str, object]]):
    """The limits of each parameter, as people read them."""

    def __str__(self) -> str:
        """Return what is set of each."""
        texts = (
            f"{name} {', '.join(f'{key} {shown(one)}' for key, one in limits.items() if one)}"
            for name, limits in self.items()
        )
        return "; ".join(texts)


def _values(demand: object) -> Mapping[str, object]:
    limits = getattr(demand, "limits", ())
    return {
        "parameters": _Limits(
            {one.name: {"min": one.min, "max": one.max, "values": one.values} for one in limits}
        )
    }


def _parameters(old: object, new: object) -> Judged:
    before = old if isinstance(old, _Limits) else _Limits()
    after = new if isinstance(new, _Limits) else _Limits()
    gone, came = before.keys() - after.keys(), after.keys() - before.keys()
    if gone:
        return Direction.WEAKENS, f"no longer limited: {listed(gone)}"
    weaker = [name for name in before if not all(_is_safe(before[name], after[name]))]
    if weaker:
        return Direction.WEAKENS, f"more is allowed of {listed(weaker)}"
    return Direction.TIGHTENS, f"limited, too: {listed(came)}" if came else "less is allowed"


def _is_safe(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[bool]:
    """Yield whether each limit of one parameter lets no more pass."""
    for key, compare in (("min", at_least), ("max", at_most)):
        yield old[key] == new[key] or compare(old[key], new[key])[0].is_safe
    before, after = _typed(old["values"]), _typed(new["values"])
    yield not before or (bool(after) and after <= before)


def _typed(values: object) -> set[tuple[str, str]]:
    """Return values that are told apart by their types: true is not the text "true"."""
    items = values if isinstance(values, tuple) else ()
    return {(type(item).__name__, shown(item)) for item in items}


COMPARISON = Comparison(
    settings={"parameters": Setting(key="parameters", compare=_parameters)}, values=_values
)
