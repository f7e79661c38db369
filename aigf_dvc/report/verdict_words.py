"""The words and signs in which every form of a verdict speaks, so that all say the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from aigf_dvc.policy.verdict import Finding, Outcome, Result, Verdict

DIGEST_DIGITS = 12
RESULT_MARKS = {Result.PASSED: "✔", Result.DENIED: "✘", Result.UNDECIDED: "?"}
RESULT_WORDS = {
    Result.PASSED: "has passed",
    Result.DENIED: "is denied",
    Result.UNDECIDED: "is undecided",
}
OUTCOME_MARKS = {
    Outcome.DENIED: "✘",
    Outcome.WARNED: "!",
    Outcome.WAIVED: "~",
    Outcome.DEFERRED: "→",
    Outcome.NOT_APPLICABLE: "-",
    Outcome.PASSED: "✔",
}  # in the order in which they are shown
OUTCOMES = tuple(OUTCOME_MARKS)
EXPLAINED = (Outcome.DENIED, Outcome.WARNED, Outcome.WAIVED)
NOTHING_JUDGED = "no model was judged, so nothing has passed"


def headline(verdict: Verdict) -> str:
    """Return what was decided about which model, where and as what, in one line."""
    return f"{verdict.model} {RESULT_WORDS[verdict.result]} {circumstances(verdict)}"


def circumstances(verdict: Verdict) -> str:
    """Return the gate, the environment and the tier of a verdict."""
    place = f" for {verdict.environment}" if verdict.environment else ""
    tier = f", as tier {verdict.tier}" if verdict.tier else ""
    return f"at the {verdict.at} gate{place}{tier}"


def policy_text(verdict: Verdict) -> str:
    """Return which policy was applied."""
    policy = verdict.policy
    place = f", {policy.path}" if policy.path else ""
    return f"policy {policy.id} {policy.version}{place}, sha256:{policy.sha256[:DIGEST_DIGITS]}"


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return how many models and findings there are of each kind, in one line."""
    if not verdicts:
        return NOTHING_JUDGED
    return f"{models_summary(verdicts)}. {findings_summary(verdicts)}."


def models_summary(verdicts: Sequence[Verdict]) -> str:
    """Return how many models there are of each result."""
    if not verdicts:
        return NOTHING_JUDGED
    results = Counter(verdict.result for verdict in verdicts)
    return _counted(len(verdicts), "model", ((r, results[r]) for r in Result))


def findings_summary(verdicts: Sequence[Verdict]) -> str:
    """Return how many findings there are of each outcome."""
    outcomes = Counter(f.outcome for verdict in verdicts for f in verdict.findings)
    return _counted(outcomes.total(), "finding", ((o, outcomes[o]) for o in OUTCOMES))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, the worst first; those of one outcome as they came."""
    return sorted(findings, key=lambda finding: OUTCOMES.index(finding.outcome))


def parts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield each thing that a finding says, with its label, in the order of reading."""
    told = (
        ("found", finding.observed),
        ("expected", finding.expected),
        ("where", finding.where),
        ("why", finding.why),
        ("waived", finding.waived_by),
        ("to do", finding.remedy),
        ("rule", rule_text(finding)),
    )
    yield from ((label, text) for label, text in told if text)


def rule_text(finding: Finding) -> str:
    """Return where the rule stands and how many controls it is for, or an empty text."""
    count = len(finding.controls)
    controls = f"for {counted(count, 'control')}" if count else ""
    return ", ".join(part for part in (finding.rule_place, controls) if part)


def brief(finding: Finding) -> str:
    """Return what a finding that needs nobody's action says, in one line."""
    match finding.outcome:
        case Outcome.PASSED:
            return f"{finding.observed} (expected {finding.expected})"
        case Outcome.NOT_APPLICABLE:
            return f"{finding.expected}; {finding.observed}"
        case Outcome.DEFERRED:
            return finding.expected
        case Outcome.DENIED | Outcome.WARNED | Outcome.WAIVED:
            return f"{finding.observed}; expected {finding.expected}"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _counted(total: int, noun: str, kinds: Iterable[tuple[str, int]]) -> str:
    shares = ", ".join(f"{count} {name}" for name, count in kinds if count)
    return counted(total, noun) + (f": {shares}" if shares else "")
