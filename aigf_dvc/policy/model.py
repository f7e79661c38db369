"""A policy: its rules, what each of them demands, and the kinds of demand there are."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum, unique
from typing import Protocol

from msgspec import Struct, field

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.verdict import Control, Gate, Outcome, PolicyReference
from aigf_dvc.strict_yaml import Document, Path

ALL_GATES = tuple(Gate)
CLOSING_GATES = (Gate.ATTEST, Gate.DEPLOY)  # every rule is judged here, nothing is deferred
ENGINE_RULE = "policy"  # the id under which the evaluator speaks of the policy as a whole


@unique
class Severity(StrEnum):
    """What a rule that does not hold does to the verdict."""

    DENY = "deny"
    WARN = "warn"


class Case(Struct, frozen=True, kw_only=True):
    """What a rule is judged on: one model's evidence, at one gate, on one day."""

    evidence: ModelEvidence
    at: Gate
    today: date  # in UTC
    policy: PolicyReference
    environment: str = ""  # empty: none in particular
    tier: str = ""  # empty: the policy has no tiers


class Judgement(Struct, frozen=True, kw_only=True):
    """What one demand saw; the evaluator makes a finding of it."""

    outcome: Outcome  # passed, denied, deferred; warned where the rule has its own key for it
    observed: str
    expected: str
    where: str = ""
    remedy: str = ""


class Demand(Protocol):
    """The settings of one rule, and the pure function that holds evidence against them."""

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Return at least one judgement; missing evidence is denied."""
        ...


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of rule: its name in a policy, its reader, and where it is judged by default."""

    name: str
    read: Callable[[Section], Demand]
    at: tuple[Gate, ...] = ALL_GATES
    schema: Mapping[str, Json] = field(default_factory=dict)  # JSON Schema of its own keys
    required: tuple[str, ...] = ()  # those of them that are demanded


class Rule(Struct, frozen=True, kw_only=True):
    """One rule: what every kind has, and the demand that is the kind's own."""

    id: str
    kind: str
    demand: Demand
    title: str = ""
    severity: Severity = Severity.DENY
    at: tuple[Gate, ...] = ALL_GATES
    effective_from: date | None = None  # the first day on which it denies; before, it warns
    expires: date | None = None  # the last day on which it is judged
    remedy: str = ""  # the policy author's own words, which replace ours
    why: str = ""  # why the rule exists
    tier: str = ""  # the lowest tier that it applies to; empty: all
    environments: tuple[str, ...] = ()  # those that it applies to; empty: all
    controls: tuple[Control, ...] = ()
    waivable: bool = True

    def is_judged(self, at: Gate) -> bool:
        """Tell whether a gate judges this rule: its own gates, the closing ones, and later ones.

        A rule that names only earlier gates is judged again, so that it never drops out of sight.
        """
        order = ALL_GATES.index
        return (
            at in self.at or at in CLOSING_GATES or all(order(gate) < order(at) for gate in self.at)
        )

    def next_gate(self, at: Gate) -> Gate:
        """Return the first gate after this one that judges the rule."""
        later = ALL_GATES[ALL_GATES.index(at) + 1 :]
        return next((gate for gate in later if self.is_judged(gate)), Gate.DEPLOY)


class WaiverTerms(Struct, frozen=True, kw_only=True):
    """What a waiver must be like to count."""

    max_days: int = 90  # from its issue to its end
    roles: tuple[str, ...] = ()  # in which it may be signed; empty: what the trust file lets waive


class Written(Struct, frozen=True, kw_only=True):
    """Where something of a policy is written: a file, and the path of a value in it."""

    document: Document
    path: Path = ()

    def place(self, key: str = "", *, column: bool = False) -> str:
        """Return `file:line` of the value, or of one of its keys; the nearest place there is."""
        path = (*self.path, key) if key else self.path
        return self.document.place(*path, column=column)

    def value(self) -> object:
        """Return the value itself, in plain types."""
        found = self.document.value
        for step in self.path:
            found = found[step]
        return found


class PolicyPart(Struct, frozen=True, kw_only=True):
    """A file beside the policy's own that it names by its SHA-256."""

    path: str  # in the folder of the policy's own file
    sha256: Sha256
    data: bytes


class Policy(Struct, frozen=True, kw_only=True):
    """A policy that was read with all its parts, and the digest of its own file's bytes.

    The digest stands for the parts, too: the file names each of them by its SHA-256.
    """

    id: str
    version: str
    sha256: Sha256
    path: str
    description: str = ""
    rules: tuple[Rule, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)  # rule id -> `file:line`
    tiers: tuple[str, ...] = ()  # from the lowest to the highest; each has the rules of those below
    environments: tuple[str, ...] = ()  # the known ones; empty: any
    expires: date | None = None  # the last day on which the policy lets anything pass
    waivers: WaiverTerms = field(default_factory=WaiverTerms)
    parts: tuple[PolicyPart, ...] = ()
    written: Mapping[str, Written] = field(default_factory=dict)  # rule id -> where it stands
    head: Written | None = None  # the top of the policy's own file

    @property
    def reference(self) -> PolicyReference:
        """Return what a verdict says of the policy that it applied."""
        return PolicyReference(id=self.id, version=self.version, sha256=self.sha256, path=self.path)
