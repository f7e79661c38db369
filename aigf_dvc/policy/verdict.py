"""The verdict on one model: one finding for each rule of a policy."""

from dataclasses import dataclass
from enum import StrEnum, unique

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
    DEFERRED = "deferred"  # judged at a later gate


@unique
class Result(StrEnum):
    """What a policy says of a model."""

    PASSED = "passed"
    DENIED = "denied"
    UNDECIDED = "undecided"  # the evidence could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule observed and expected, where, and what to do about it."""

    rule: str
    kind: str
    outcome: Outcome
    observed: str  # "fairness_score is 0.75"
    expected: str  # "at least 0.8"
    where: str = ""  # "metrics.json:fairness_score", "MODEL_CARD.md:4"
    remedy: str = ""  # what to do; empty when passed or deferred


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReference:
    """Which policy was applied, to the byte."""

    id: str
    version: str
    sha256: Sha256
    path: str = ""  # where it was read from, for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result for one model at one gate."""

    model: str
    at: Gate
    result: Result
    policy: PolicyReference
    findings: tuple[Finding, ...]
    problem: str = ""  # why nothing could be decided, when undecided
