"""Verdicts as JUnit XML: a suite for each model, a case for each rule.

What denies is a failure, what could not be decided an error, and what was not (or not yet) held
against the model is skipped with its reason: only a rule that passed counts as passed.
See: https://github.com/testmoapp/junitxml
"""

from collections.abc import Iterator, Sequence

from aigf_dvc.policy.verdict import Finding, Outcome, Result, Verdict, worst
from aigf_dvc.report.graph_svg import escaped
from aigf_dvc.report.verdict_report import Report
from aigf_dvc.report.verdict_words import NOTHING_JUDGED, brief, circumstances, parts, policy_text
from aigf_dvc.report.visible import visible

_TAGS = {
    Outcome.DENIED: "failure",
    Outcome.WARNED: "skipped",
    Outcome.WAIVED: "skipped",
    Outcome.DEFERRED: "skipped",
    Outcome.NOT_APPLICABLE: "skipped",
}


def verdict_junit(report: Report) -> str:
    """Return the XML."""
    suites = [_Suite(verdict) for verdict in report.verdicts]
    lines = [line for suite in suites for line in suite.lines()]
    if not suites:  # an empty file of results is often shown as a success
        lines = [
            '  <testsuite name="aigf" tests="1" failures="0" errors="1" skipped="0" time="0">',
            '    <testcase classname="aigf" name="check" time="0">',
            f'      <error type="undecided" message="{NOTHING_JUDGED}"/>',
            "    </testcase>",
            "  </testsuite>",
        ]
    totals = " ".join(
        f'{name}="{sum(suite.counts[name] for suite in suites) + (not suites) * extra}"'
        for name, extra in (("tests", 1), ("failures", 0), ("errors", 1), ("skipped", 0))
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites name="aigf check" {totals} time="0">',
            *lines,
            "</testsuites>",
            "",
        ]
    )


class _Suite:
    """One model."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._rules: dict[str, list[Finding]] = {}
        for finding in verdict.findings:
            self._rules.setdefault(finding.rule, []).append(finding)
        worsts = [worst(f.outcome for f in findings) for findings in self._rules.values()]
        undecided = int(verdict.result is Result.UNDECIDED)
        self.counts = {
            "tests": len(worsts) + undecided,
            "failures": sum(_TAGS.get(outcome) == "failure" for outcome in worsts),
            "errors": undecided,
            "skipped": sum(_TAGS.get(outcome) == "skipped" for outcome in worsts),
        }

    def lines(self) -> Iterator[str]:
        verdict = self._verdict
        counts = " ".join(f'{name}="{count}"' for name, count in self.counts.items())
        yield f'  <testsuite name="{_text(verdict.model)}" {counts} time="0">'
        yield from self._properties()
        if verdict.result is Result.UNDECIDED:
            yield f'    <testcase classname="{_text(verdict.model)}" name="verdict" time="0">'
            yield f'      <error type="undecided" message="{_text(verdict.problem)}"/>'
            yield "    </testcase>"
        for rule, findings in self._rules.items():
            yield from self._case(rule, findings)
        if verdict.notes:
            yield f"    <system-out>{chr(10).join(map(_text, verdict.notes))}</system-out>"
        yield "  </testsuite>"

    def _properties(self) -> Iterator[str]:
        verdict = self._verdict
        told = {
            "result": verdict.result,
            "circumstances": circumstances(verdict),
            "policy": policy_text(verdict),
            "policy.sha256": verdict.policy.sha256,
        }
        yield "    <properties>"
        for name, value in told.items():
            yield f'      <property name="{name}" value="{_text(value)}"/>'
        yield "    </properties>"

    def _case(self, rule: str, findings: Sequence[Finding]) -> Iterator[str]:
        outcome = worst(finding.outcome for finding in findings)
        names = f'classname="{_text(self._verdict.model)}" name="{_text(rule)}"'
        tag = _TAGS.get(outcome)
        if tag is None:
            yield f'    <testcase {names} time="0"/>'
            return
        shown = [finding for finding in findings if finding.outcome is outcome]
        message = _text(f"{outcome}: {'; '.join(map(brief, shown))}")
        yield f'    <testcase {names} time="0">'
        yield f'      <{tag} type="{outcome}" message="{message}">{_details(shown)}</{tag}>'
        yield "    </testcase>"


def _details(findings: Sequence[Finding]) -> str:
    """Return all that findings say, a line for each part."""
    return "\n\n".join(
        "\n".join(f"{label}: {_text(said)}" for label, said in parts(finding))
        for finding in findings
    )


def _text(value: str) -> str:
    """Return a text for XML 1.0, which has no way to write most control characters."""
    return escaped(visible(value))
