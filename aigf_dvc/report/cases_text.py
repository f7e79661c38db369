"""The results of a policy's cases as text: what is not as expected, and what no case showed."""

from collections.abc import Iterator

from aigf_dvc.policy.cases.model import (
    CaseResult,
    CasesReport,
    Mismatch,
    PolicyCoverage,
    RuleCoverage,
)
from aigf_dvc.policy.verdict import Finding
from aigf_dvc.report.one_line import as_lines
from aigf_dvc.report.visible import visible

_BOLD, _DIM, _RED, _GREEN, _YELLOW = "1", "2", "31", "32", "33"
_MOST_FINDINGS = 4


def cases_text(report: CasesReport, *, color: bool) -> str:
    """Return the results, a line for each case and more for one that is not as expected."""
    return as_lines(list(_Page(color=color).lines(report)))


class _Page:
    """The parts of the text, coloured or plain."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def lines(self, report: CasesReport) -> Iterator[str]:
        for file in report.files:
            name = self._paint(visible(file.path), _BOLD)
            yield f"{name}  {self._paint(f'against {visible(file.policy)}', _DIM)}"
            for result in file.results:
                yield from self._case(result)
            yield ""
        for policy in report.coverage:
            yield from self._coverage(policy)
            yield ""
        yield self._summary(report)

    def _case(self, result: CaseResult) -> Iterator[str]:
        mark = self._paint("✔", _GREEN) if result.is_met else self._paint("✘", _RED)
        place = "" if result.is_met else self._paint(f"  ({visible(result.case.place)})", _DIM)
        yield f"  {mark} {visible(result.case.name)}{place}"
        for mismatch in result.mismatches:
            yield from self._mismatch(mismatch)

    def _mismatch(self, mismatch: Mismatch) -> Iterator[str]:
        yield (
            f"      {visible(mismatch.about)}: expected {self._paint(mismatch.expected, _GREEN)}, "
            f"found {self._paint(mismatch.found, _RED)}"
        )
        for finding in mismatch.findings[:_MOST_FINDINGS]:
            name = f"{finding.rule}: " if mismatch.about == "result" else ""
            yield f"        {visible(name + _said(finding))}"
        more = len(mismatch.findings) - _MOST_FINDINGS
        if more > 0:
            yield f"        and {more} more"

    def _coverage(self, policy: PolicyCoverage) -> Iterator[str]:
        full = sum(rule.is_full for rule in policy.rules)
        yield (
            f"{self._paint(visible(policy.policy), _BOLD)}: {full} of {len(policy.rules)} rules "
            "were seen to pass and to refuse"
        )
        for rule in policy.rules:
            if not rule.is_full:
                yield f"  {self._paint('!', _YELLOW)} {visible(rule.rule)}  {unseen(rule)}"

    def _summary(self, report: CasesReport) -> str:
        total = len(report.results)
        failed = sum(not result.is_met for result in report.results)
        noun = "case" if total == 1 else "cases"
        if failed:
            return self._paint(f"{total} {noun}: {failed} not as expected", _RED)
        return self._paint(f"{total} {noun}, all as expected", _GREEN)

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and text else text


def unseen(rule: RuleCoverage) -> str:
    """Return which side of a rule no case showed."""
    sides = [] if rule.passed else ["never seen to pass"]
    sides += [] if rule.refused else ["never seen to refuse"]
    return ", ".join(sides)


def _said(finding: Finding) -> str:
    expected = f" (expected {finding.expected})" if finding.expected else ""
    return f"{finding.observed}{expected}" if finding.observed else finding.expected
