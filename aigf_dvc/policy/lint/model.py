"""What lint looks at, and what it remarks."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any

from msgspec import Struct, field

from aigf_dvc.errors import InputError
from aigf_dvc.policy import seed_form
from aigf_dvc.policy.model import Policy, Rule, Written
from aigf_dvc.policy.rules import required_fields


@unique
class Level(StrEnum):
    """How sure it is that something is wrong."""

    ERROR = "error"  # the policy cannot do what it says
    WARNING = "warning"  # it probably does not do what was meant
    INFO = "info"  # it could say more


class Remark(Struct, frozen=True, kw_only=True):
    """One thing that is probably wrong."""

    level: Level
    check: str  # the name of the check, such as `contradiction`
    found: str
    where: str  # `file:line:column`
    remedy: str
    rule: str = ""  # empty: it is about the policy as a whole
    order: tuple[str, int, int] = ("", 0, 0)  # file, line and column, to sort by


class WrittenRule(Struct, frozen=True, kw_only=True):
    """A rule, and its keys as the file has them: lint compares what was written."""

    rule: Rule
    keys: Mapping[str, Any]  # Any: plain values, whose forms the reader has accepted
    written: Written

    def number(self, key: str) -> Decimal | None:
        """Return a number, when there is one under a key."""
        value = self.keys.get(key)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        return Decimal(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list, when there is one under a key."""
        value = self.keys.get(key)
        return tuple(t for t in value if isinstance(t, str)) if isinstance(value, list) else ()

    def remark(self, level: Level, check: str, found: str, remedy: str, key: str = "") -> Remark:
        """Return a remark about the rule, or about one of its keys."""
        place = _placed(self.written, key, self.rule.id)
        return Remark(level=level, check=check, found=found, remedy=remedy, **place)


class Draft(Struct, frozen=True, kw_only=True):
    """A policy that was read with its parts, and how its rules were written."""

    policy: Policy
    head: Written  # its own file
    rules: tuple[WrittenRule, ...]

    @property
    def is_short(self) -> bool:
        """Tell whether its own file is in the short form, which has no keys of rules."""
        return any(key in self.head.document.value for key in seed_form.KEYS)

    def remark(self, level: Level, check: str, found: str, remedy: str, key: str = "") -> Remark:
        """Return a remark about the policy as a whole, or about one of its keys."""
        place = _placed(self.head, key)
        return Remark(level=level, check=check, found=found, remedy=remedy, **place)


def _placed(written: Written, key: str, rule: str = "") -> dict[str, Any]:
    """Return the fields of a remark that say where; Any: they go into it by name."""
    path = (*written.path, key) if key else written.path
    lines, columns = written.document.lines, written.document.columns
    known = (path[:end] for end in range(len(path), 0, -1))
    place = next((steps for steps in known if steps in lines), ())
    return {
        "where": written.place(key, column=True),
        "order": (written.document.where, lines.get(place, 0), columns.get(place, 0)),
        "rule": rule,
    }


class ProjectFacts(Struct, frozen=True, kw_only=True):
    """What a project has that a policy can name."""

    environment: str
    metrics: tuple[str, ...] = ()  # the names that aigf.yaml gives
    places: Mapping[str, Decimal | None] = field(default_factory=dict)  # `file:key` -> its number
    documents: tuple[str, ...] = ()  # the types that aigf.yaml lists
    tiers: tuple[str, ...] = ()  # those that the cards of the models name, one for each model
    values: Mapping[str, Decimal] = field(default_factory=dict)  # of the named metrics, today

    @property
    def files(self) -> frozenset[str]:
        """Return the metrics files that were read."""
        return frozenset(place.rpartition(":")[0] for place in self.places)


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a policy is compared with; None: not known, so not compared."""

    project: ProjectFacts | None = None
    card_fields: frozenset[str] | None = None  # those of the card's template and of the cards
    frameworks: frozenset[str] | None = None  # those of which the package has a catalogue


def as_draft(policy: Policy) -> Draft:
    """Return a policy with what its files say of each rule."""
    if policy.head is None:
        raise InputError("a policy that was not read from a file", where=policy.path)
    rules = tuple(
        WrittenRule(rule=rule, keys=_keys(rule, policy.written[rule.id]), written=written)
        for rule in policy.rules
        if (written := policy.written.get(rule.id)) is not None
    )
    return Draft(policy=policy, head=policy.head, rules=rules)


def _keys(rule: Rule, written: Written) -> Mapping[str, Any]:
    """Return the keys of a rule; those of the short form under the names of the full one."""
    value = written.value()
    if isinstance(value, dict):
        return value
    if rule.kind == required_fields.KIND.name:
        return {"fields": value}
    metric, _, bound = rule.id.rpartition("_")
    return {"metric": metric, bound: value}
