"""One difference between two policies, and whether it lets more or fewer models pass."""

from collections.abc import Callable, Mapping
from enum import StrEnum, unique

from msgspec import Struct
from msgspec.structs import asdict

from aigf_dvc.policy.model import Demand


@unique
class Direction(StrEnum):
    """What a change does to what passes."""

    TIGHTENS = "tightens"  # nothing passes that did not pass before
    NEUTRAL = "neutral"  # the same passes: wording, or the same demand in another form
    UNCLEAR = "unclear"  # no comparison knows; to be taken as a weakening
    WEAKENS = "weakens"  # something may pass that was denied before

    @property
    def is_safe(self) -> bool:
        """Tell whether nothing passes after it that was denied before."""
        return self in (Direction.TIGHTENS, Direction.NEUTRAL)


class Change(Struct, frozen=True, kw_only=True):
    """One setting that differs, in words, with both values and where they stand."""

    key: str
    direction: Direction
    old: str  # empty: there is none
    new: str
    means: str = ""  # what it does, such as "a denial becomes a warning"
    rule: str = ""  # empty: the policy as a whole
    old_place: str = ""
    new_place: str = ""


Judged = tuple[Direction, str]
"""A direction, and in a few words why."""

Compare = Callable[[object, object], Judged]
"""Compares two different values of one setting: the old one, then the new one."""


class Setting(Struct, frozen=True, kw_only=True):
    """How one setting of a kind of rule is compared."""

    key: str  # its name in a policy
    compare: Compare


def _whole(demand: Demand) -> tuple[Demand, ...]:
    return (demand,)


def fields_of(demand: object) -> Mapping[str, object]:
    """Return the settings of a demand, by their names in our code."""
    return asdict(demand) if isinstance(demand, Struct) else {}


class Comparison(Struct, frozen=True, kw_only=True):
    """How the demands of one kind are compared: setting by setting.

    One that differs and is not named here is unclear, so that a new setting is never taken for a
    harmless one. The modules of the kinds are not imported for it: some of them are large.
    """

    settings: Mapping[str, Setting]  # by the field of the demand
    subject: str = ""  # the field that names what is judged: with another one it is another rule
    split: Callable[[Demand], tuple[Demand, ...]] = _whole  # into demands that hold all together
    values: Callable[[object], Mapping[str, object]] = fields_of  # what is compared, by its name
