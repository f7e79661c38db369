"""What lint looks at, and what it remarks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any

from aigf_dvc.policy import seed_form
from aigf_dvc.policy.model import Policy, Rule
from aigf_dvc.policy.rules import metric, required_fields
from aigf_dvc.strict_yaml import Document, Path, read_strict


@unique
class Level(StrEnum):
    """How sure it is that something is wrong."""

    ERROR = "error"  # the policy cannot do what it says
    WARNING = "warning"  # it probably does not do what was meant
    INFO = "info"  # it could say more


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that is probably wrong."""

    level: Level
    check: str  # the name of the check, such as `contradiction`
    found: str
    where: str  # `file:line:column`
    remedy: str
    rule: str = ""  # empty: it is about the policy as a whole
    order: tuple[int, int] = (0, 0)  # line and column, to sort by


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRule:
    """A rule, and its keys as the file has them: lint compares what was written."""

    rule: Rule
    keys: Mapping[str, Any]  # Any: plain values, whose forms the reader has accepted
    path: Path

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A policy that was read, and how it was written."""

    policy: Policy
    document: Document
    rules: tuple[WrittenRule, ...]

    @property
    def is_short(self) -> bool:
        """Tell whether it is in the short form, which has no keys of rules."""
        return "rules" not in self.document.value

    def remark(
        self, level: Level, check: str, found: str, remedy: str, *, at: Path, rule: str = ""
    ) -> Remark:
        """Return a remark about what stands at a path."""
        known = (at[:end] for end in range(len(at), 0, -1))
        place = next((path for path in known if path in self.document.lines), ())
        return Remark(
            level=level,
            check=check,
            found=found,
            remedy=remedy,
            rule=rule,
            where=self.document.place(*at, column=True),
            order=(self.document.lines.get(place, 0), self.document.columns.get(place, 0)),
        )

    def about(
        self, written: WrittenRule, level: Level, check: str, found: str, remedy: str, key: str = ""
    ) -> Remark:
        """Return a remark about a rule, or about one of its keys."""
        at = (*written.path, key) if key else written.path
        return self.remark(level, check, found, remedy, at=at, rule=written.rule.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a policy is compared with; None: not known, so not compared."""

    project: ProjectFacts | None = None
    card_fields: frozenset[str] | None = None  # those of the card's template and of the cards
    frameworks: frozenset[str] | None = None  # those of which the package has a catalogue


def as_draft(data: bytes, policy: Policy) -> Draft:
    """Return a policy with what its bytes say of each rule."""
    document = read_strict(data, where=policy.path, columns=True)
    rules = {rule.id: rule for rule in policy.rules}
    if "rules" not in document.value:
        written = _short_rules(document.value, rules)
    else:
        written = tuple(
            WrittenRule(rule=rules[keys["id"].strip()], keys=keys, path=("rules", index))
            for index, keys in enumerate(document.value["rules"])
            if keys["id"].strip() in rules
        )
    return Draft(policy=policy, document=document, rules=written)


def _short_rules(value: Mapping[str, Any], rules: Mapping[str, Rule]) -> tuple[WrittenRule, ...]:
    found = []
    for name, rule in rules.items():
        path: Path = (seed_form.FIELDS_KEY,)
        keys: dict[str, Any] = {"fields": value.get(seed_form.FIELDS_KEY)}
        if rule.kind == metric.KIND.name:
            limited, _, bound = name.rpartition("_")
            path = (seed_form.METRICS_KEY, name)
            keys = {"metric": limited, bound: value[seed_form.METRICS_KEY][name]}
        elif rule.kind != required_fields.KIND.name:
            continue
        found.append(WrittenRule(rule=rule, keys=keys, path=path))
    return tuple(found)
