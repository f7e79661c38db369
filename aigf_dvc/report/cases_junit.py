"""The results of a policy's cases as JUnit XML, which CI systems show: one suite for each file."""

from collections.abc import Iterator
from html import escape

from aigf_dvc.policy.cases.model import CaseResult, CasesReport, Mismatch
from aigf_dvc.report.visible import visible


def cases_junit(report: CasesReport) -> str:
    """Return the results as one XML document."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: CasesReport) -> Iterator[str]:
    failed = sum(not result.is_met for result in report.results)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites tests="{len(report.results)}" failures="{failed}" errors="0">'
    for file in report.files:
        failed = sum(not result.is_met for result in file.results)
        counts = f'tests="{len(file.results)}" failures="{failed}" errors="0" skipped="0"'
        yield f'  <testsuite name="{_safe(file.path)}" {counts}>'
        for result in file.results:
            yield from _case(result, file.policy)
        yield "  </testsuite>"
    yield "</testsuites>"


def _case(result: CaseResult, policy: str) -> Iterator[str]:
    names = f'classname="{_safe(policy)}" name="{_safe(result.case.name)}"'
    if result.is_met:
        yield f"    <testcase {names}/>"
        return
    yield f"    <testcase {names}>"
    for mismatch in result.mismatches:
        message = f"{mismatch.about}: expected {mismatch.expected}, found {mismatch.found}"
        yield (
            f'      <failure type="mismatch" message="{_safe(message)}">'
            f"{_safe(_details(result, mismatch))}</failure>"
        )
    yield "    </testcase>"


def _details(result: CaseResult, mismatch: Mismatch) -> str:
    said = [f"{f.rule}: {f.observed} (expected {f.expected})" for f in mismatch.findings]
    return "; ".join([result.case.place, *said])


def _safe(text: str) -> str:
    """Return a text that XML 1.0 can hold: it has no form for most control characters."""
    return escape(visible(text))
