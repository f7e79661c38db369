"""Verdicts as text for people at a terminal: what failed first, each with its remedy."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from aigf_dvc.policy.verdict import Finding, Outcome, Result, Verdict

_WIDTH = 88
_LABEL_WIDTH = len("expected")
_DIGEST_DIGITS = 12
_COMMAND = re.compile(r"`[^`]{1,40}`")
_NO_BREAK = "\N{NO-BREAK SPACE}"
_RESULT_MARKS = {Result.PASSED: "✔", Result.DENIED: "✘", Result.UNDECIDED: "?"}
_RESULT_WORDS = {
    Result.PASSED: "has passed",
    Result.DENIED: "is denied",
    Result.UNDECIDED: "is undecided",
}
_OUTCOME_MARKS = {
    Outcome.DENIED: "✘",
    Outcome.WARNED: "!",
    Outcome.WAIVED: "~",
    Outcome.DEFERRED: "→",
    Outcome.NOT_APPLICABLE: "-",
    Outcome.PASSED: "✔",
}  # in the order in which they are shown


class _Style(StrEnum):
    """Colours by the numbers of ECMA-48, section 8.3.117."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


_RESULT_STYLES = {
    Result.PASSED: _Style.GREEN,
    Result.DENIED: _Style.RED,
    Result.UNDECIDED: _Style.YELLOW,
}
_OUTCOME_STYLES = {
    Outcome.DENIED: _Style.RED,
    Outcome.WARNED: _Style.YELLOW,
    Outcome.WAIVED: _Style.YELLOW,
    Outcome.NOT_APPLICABLE: _Style.DIM,
    Outcome.DEFERRED: _Style.CYAN,
    Outcome.PASSED: _Style.GREEN,
}
_EXPLAINED = (Outcome.DENIED, Outcome.WARNED, Outcome.WAIVED)
_ADVICE = {Outcome.WARNED: ": a warning", Outcome.WAIVED: ": WAIVED"}


def verdict_text(verdicts: Sequence[Verdict], *, color: bool) -> str:
    """Return verdicts as text of at most 88 columns, ending in a summary of one line.

    Control characters in what the evidence says are shown as `�`: a model card cannot write to
    the terminal.
    """
    page = _Page(color=color)
    lines = [line for verdict in verdicts for line in (*page.verdict(verdict), "")]
    return "\n".join([*lines, page.summary(verdicts), ""])


class _Page:
    """The parts of the text, coloured or plain."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def verdict(self, verdict: Verdict) -> Iterator[str]:
        style = _RESULT_STYLES[verdict.result]
        mark = self._paint(_RESULT_MARKS[verdict.result], style)
        name = self._paint(_printable(verdict.model), _Style.BOLD)
        result = self._paint(_RESULT_WORDS[verdict.result], style)
        tier = f", as tier {_printable(verdict.tier)}" if verdict.tier else ""
        place = f" for {_printable(verdict.environment)}" if verdict.environment else ""
        yield f"{mark} {name} {result} at the {verdict.at} gate{place}{tier}"
        yield from self._policy(verdict)
        if verdict.problem:
            yield ""
            yield from _wrapped(verdict.problem, "  ", "  ")
        for note in verdict.notes:
            yield from _wrapped(f"note: {note}", "  ", "    ")
        for outcome in _OUTCOME_MARKS:
            findings = [finding for finding in verdict.findings if finding.outcome is outcome]
            if findings and outcome in _EXPLAINED:
                yield from self._explained(findings)
            elif findings:
                yield ""
                yield from self._in_brief(findings)

    def summary(self, verdicts: Sequence[Verdict]) -> str:
        if not verdicts:
            mark = self._paint(_RESULT_MARKS[Result.DENIED], _Style.RED)
            return f"{mark} no model was judged, so nothing has passed"
        results = Counter(verdict.result for verdict in verdicts)
        outcomes = Counter(f.outcome for verdict in verdicts for f in verdict.findings)
        models = _counted(len(verdicts), "model", ((r, results[r]) for r in Result))
        findings = _counted(outcomes.total(), "finding", ((o, outcomes[o]) for o in _OUTCOME_MARKS))
        return f"{models}. {findings}."

    def _policy(self, verdict: Verdict) -> Iterator[str]:
        policy = verdict.policy
        place = f", {policy.path}" if policy.path else ""
        text = (
            f"policy {policy.id} {policy.version}{place}, sha256:{policy.sha256[:_DIGEST_DIGITS]}"
        )
        for line in _wrapped(text, "  ", "  "):
            yield self._paint(line, _Style.DIM)

    def _explained(self, findings: Iterable[Finding]) -> Iterator[str]:
        for finding in findings:
            mark = self._mark(finding)
            name = self._paint(_printable(finding.rule), _Style.BOLD)
            kind = f" ({finding.kind})" if finding.kind != finding.rule else ""
            advice = _ADVICE.get(finding.outcome, "")
            yield ""
            yield f"  {mark} {name}{self._paint(kind, _Style.DIM)}{advice}"
            yield from self._part("found", finding.observed)
            yield from self._part("expected", finding.expected)
            yield from self._part("where", finding.where)
            yield from self._part("why", finding.why)
            yield from self._part("waived", finding.waived_by)
            yield from self._part("to do", finding.remedy)

    def _part(self, label: str, text: str) -> Iterator[str]:
        if not text:
            return
        lead = f"    {label:<{_LABEL_WIDTH}}  "
        first, *rest = _wrapped(text, lead, " " * len(lead))
        yield self._paint(first[: len(lead)], _Style.DIM) + first[len(lead) :]
        yield from rest

    def _in_brief(self, findings: Sequence[Finding]) -> Iterator[str]:
        width = min(max(len(finding.rule) for finding in findings), 28)
        for finding in findings:
            passed = finding.outcome is Outcome.PASSED
            text = (
                f"{finding.observed} (expected {finding.expected})" if passed else finding.expected
            )
            if finding.outcome is Outcome.NOT_APPLICABLE:
                text = f"{finding.expected}; {finding.observed}"
            lead = f"    {_printable(finding.rule):<{width}}  "
            first, *rest = _wrapped(text, lead, " " * len(lead))
            yield f"  {self._mark(finding)} {first[4:]}"
            yield from rest

    def _mark(self, finding: Finding) -> str:
        return self._paint(_OUTCOME_MARKS[finding.outcome], _OUTCOME_STYLES[finding.outcome])

    def _paint(self, text: str, style: _Style) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and text else text


def _wrapped(text: str, first: str, others: str) -> list[str]:
    """Return lines of at most 88 columns; a short command in backticks stays on one line."""
    joined = _COMMAND.sub(lambda found: found[0].replace(" ", _NO_BREAK), _printable(text))
    lines = textwrap.wrap(
        joined,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_NO_BREAK, " ") for line in lines] or [first.rstrip()]


def _printable(text: str) -> str:
    spaced = " ".join(text.split())
    return "".join(character if character.isprintable() else "�" for character in spaced)


def _counted(total: int, noun: str, parts: Iterable[tuple[str, int]]) -> str:
    shares = ", ".join(f"{count} {name}" for name, count in parts if count)
    return f"{total} {noun}{'' if total == 1 else 's'}" + (f": {shares}" if shares else "")
