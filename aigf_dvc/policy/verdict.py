"""The verdict on one model: one finding for each rule of a policy."""

from collections.abc import Iterable
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.digests import Sha256


@unique
class Gate(StrEnum):
    """Where a rule is judged; in the order in which a model meets them."""

    STAGE = "stage"
    PUSH = "push"
    ATTEST = "attest"
    DEPLOY = "deploy"


@unique
class Outcome(StrEnum):
    """What one rule found."""

    PASSED = "passed"
    DENIED = "denied"
    WARNED = "warned"  # would be denied, but the rule only warns, or is not yet in force
    WAIVED = "waived"  # would be denied, but a signed waiver excepts the model from the rule
    DEFERRED = "deferred"  # judged at a later gate
    NOT_APPLICABLE = "not-applicable"  # the rule is for another tier or environment


_WORST_FIRST = (
    Outcome.DENIED,
    Outcome.WAIVED,
    Outcome.WARNED,
    Outcome.DEFERRED,
    Outcome.NOT_APPLICABLE,
    Outcome.PASSED,
)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome that says most against a rule of several findings."""
    return min(outcomes, key=_WORST_FIRST.index)


@unique
class Result(StrEnum):
    """What a policy says of a model."""

    PASSED = "passed"
    DENIED = "denied"
    UNDECIDED = "undecided"  # the evidence could not be read


@unique
class Strength(StrEnum):
    """How far a rule that holds evidences a control; never more than the evidence shows."""

    DIRECT = "direct"  # the evidence is what the control asks for
    PARTIAL = "partial"  # it is a part of that
    EXISTS = "exists"  # a document says so; whether it is good is not judged


class Control(Struct, frozen=True, kw_only=True):
    """One control of a framework, such as `eu-ai-act:annex-iv-2-g`."""

    id: str
    strength: Strength


class Finding(Struct, frozen=True, kw_only=True):
    """What one rule observed and expected, where, and what to do about it."""

    rule: str
    kind: str
    outcome: Outcome
    observed: str  # "fairness_score is 0.75"
    expected: str  # "at least 0.8"
    where: str = ""  # "metrics.json:fairness_score", "MODEL_CARD.md:4"
    remedy: str = ""  # what to do; empty when passed or deferred
    title: str = ""  # the rule's name for people
    why: str = ""  # why the rule exists, in the policy author's words
    rule_place: str = ""  # where the rule stands: "governance/policy.yaml:12"
    controls: tuple[Control, ...] = ()
    waived_by: str = ""  # "Dana Risk (risk-owner) until 2026-12-31: reason, sha256:..."


class PolicyReference(Struct, frozen=True, kw_only=True):
    """Which policy was applied, to the byte."""

    id: str
    version: str
    sha256: Sha256
    path: str = ""  # where it was read from, for people


class Verdict(Struct, frozen=True, kw_only=True):
    """The result for one model at one gate."""

    model: str
    at: Gate
    result: Result
    policy: PolicyReference
    findings: tuple[Finding, ...]
    problem: str = ""  # why nothing could be decided, when undecided
    tier: str = ""  # under which the model was judged; empty: the policy has no tiers
    environment: str = ""  # empty: for none in particular
    notes: tuple[str, ...] = ()  # what did not count and why: unsigned or unfit consent
