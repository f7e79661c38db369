"""Reads slices: one number for each group of the rows that a model was tested on."""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from msgspec import Struct

from aigf_dvc.policy.metric_findings import no_number_text
from aigf_dvc.policy.numbers import as_fraction, as_number, fraction_text
from aigf_dvc.policy.section import shown

MOST_SLICES = 1000
_MOST_ROWS = 10**15
_FORMS = "numbers, `{value, samples}` or `{positives, samples}`"


class Slice(Struct, frozen=True, kw_only=True):
    """What was measured of one group."""

    name: str
    value: Fraction
    samples: int | None = None  # its rows; None: nobody counted them
    positives: int | None = None  # of those, the ones that the value is the share of

    @property
    def text(self) -> str:
        """Return its number as a message names it, with its counts where they are known."""
        if self.positives is not None:
            return f"{fraction_text(self.value)} ({self.positives} of {self.samples})"
        rows = "" if self.samples is None else f" ({self.samples} rows)"
        return f"{fraction_text(self.value)}{rows}"


class Fault(Struct, frozen=True, kw_only=True):
    """Why something is no slice; `group` is empty when it is about all of them."""

    group: str
    found: str


def read_slices(value: object) -> tuple[tuple[Slice, ...], tuple[Fault, ...]]:
    """Read a mapping from groups to numbers; what is none of a group is returned as a fault."""
    if not isinstance(value, Mapping):
        return (), (Fault(group="", found=f"{shown(value)}, no mapping of groups to {_FORMS}"),)
    if not value:
        return (), (Fault(group="", found="a mapping without groups"),)
    if len(value) > MOST_SLICES:
        return (), (Fault(group="", found=f"{len(value)} groups, more than {MOST_SLICES}"),)
    items = {_plain(key): item for key, item in value.items()}
    read = [_read(name, item) for name, item in items.items()]
    faults = [*_same_names(value), *(one for one in read if isinstance(one, Fault))]
    return tuple(one for one in read if isinstance(one, Slice)), tuple(faults)


def _plain(key: object) -> str:
    return key if isinstance(key, str) else str(key)


def _same_names(value: Mapping[object, object]) -> Iterator[Fault]:
    """Yield the names of several groups: YAML has keys 1 and "1", a statement cannot tell them."""
    for name, times in Counter(map(_plain, value)).items():
        if times > 1:
            yield Fault(group=name, found=f"the name of {times} groups")


def _read(name: str, item: object) -> Slice | Fault:
    if not isinstance(item, Mapping):
        return _valued(name, item, samples=None)
    if "positives" in item:
        return _counted(name, item)
    samples = _whole(item["samples"]) if "samples" in item else None
    if "samples" in item and not samples:
        return Fault(group=name, found=_no_count("samples", item["samples"]))
    return _valued(name, item.get("value", item), samples=samples)


def _valued(name: str, value: object, *, samples: int | None) -> Slice | Fault:
    number = as_fraction(value)
    if number is None:
        return Fault(group=name, found=f"{no_number_text(value)}, not one of {_FORMS}")
    return Slice(name=name, value=number, samples=samples)


def _counted(name: str, item: Mapping[object, object]) -> Slice | Fault:
    if "value" in item:
        return Fault(group=name, found="both a `value` and `positives`: which one counts?")
    positives, samples = _whole(item["positives"]), _whole(item.get("samples"))
    if positives is None:
        return Fault(group=name, found=_no_count("positives", item["positives"]))
    if not samples:
        return Fault(group=name, found=_no_count("samples", item.get("samples")))
    if positives > samples:
        return Fault(group=name, found=f"{positives} positives of only {samples} samples")
    value = Fraction(positives, samples)
    return Slice(name=name, value=value, samples=samples, positives=positives)


def _whole(value: object) -> int | None:
    """Return a count: a whole number that is not negative, also when it is written 12.0."""
    number = as_fraction(value)
    if number is None or number.denominator != 1 or not 0 <= number <= _MOST_ROWS:
        return None
    return int(number)


def _no_count(key: str, value: object) -> str:
    number = as_number(value)
    if number == 0:
        return "not enough data: it has no rows at all"
    text = "missing" if value is None else no_number_text(value)
    return f"no count: its `{key}` is {text}"
