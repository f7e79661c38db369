"""A case: evidence that somebody made up, and the verdict that a policy must give on it."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, Result, Verdict


class Expectation(Struct, frozen=True, kw_only=True):
    """What the verdict must be, and the outcome of the rules that the case is about."""

    result: Result
    findings: Mapping[str, Outcome] = field(default_factory=dict)  # by rule
    places: Mapping[str, str] = field(default_factory=dict)  # rule -> `file:line:column`


class PolicyCase(Struct, frozen=True, kw_only=True):
    """One case."""

    name: str
    place: str  # `file:line:column`
    at: Gate
    today: date
    environment: str
    evidence: ModelEvidence
    expect: Expectation


class CaseFile(Struct, frozen=True, kw_only=True):
    """The cases of one file, and the policy that they are about."""

    path: str
    policy: str  # as the file names it, relative to it; empty: the one that it lies beside
    cases: tuple[PolicyCase, ...]


class Mismatch(Struct, frozen=True, kw_only=True):
    """Something that a verdict says and a case does not expect."""

    about: str  # a rule's id, or `result`
    expected: str
    found: str
    findings: tuple[Finding, ...] = ()  # what the rule found, or what denied the model


class CaseResult(Struct, frozen=True, kw_only=True):
    """What a policy said of one case."""

    case: PolicyCase
    verdict: Verdict
    mismatches: tuple[Mismatch, ...]

    @property
    def is_met(self) -> bool:
        """Tell whether the verdict is the expected one in every respect."""
        return not self.mismatches


class RuleCoverage(Struct, frozen=True, kw_only=True):
    """Whether the cases showed both sides of one rule."""

    rule: str
    passed: bool
    refused: bool

    @property
    def is_full(self) -> bool:
        """Tell whether the rule was seen to pass and to refuse."""
        return self.passed and self.refused


class FileResults(Struct, frozen=True, kw_only=True):
    """The results of one file of cases."""

    path: str
    policy: str  # the path of the policy that its cases were held against
    results: tuple[CaseResult, ...]


class PolicyCoverage(Struct, frozen=True, kw_only=True):
    """What the cases of every file showed of one policy."""

    policy: str  # its path
    rules: tuple[RuleCoverage, ...]


class CasesReport(Struct, frozen=True, kw_only=True):
    """The results of all the cases, and what they showed of each policy."""

    files: tuple[FileResults, ...]
    coverage: tuple[PolicyCoverage, ...]

    @property
    def results(self) -> tuple[CaseResult, ...]:
        """Return the results of all the files."""
        return tuple(result for file in self.files for result in file.results)

    @property
    def is_met(self) -> bool:
        """Tell whether there are cases, and every one is as expected."""
        return bool(self.results) and all(result.is_met for result in self.results)

    @property
    def is_covered(self) -> bool:
        """Tell whether every rule was seen to pass and to refuse."""
        rules = [rule for policy in self.coverage for rule in policy.rules]
        return bool(rules) and all(rule.is_full for rule in rules)
