"""Verdicts as text for people at a terminal: what failed first, each with its remedy."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from aigf_dvc.policy.verdict import Finding, Outcome, Result, Verdict
from aigf_dvc.report.verdict_words import (
    EXPLAINED,
    OUTCOME_MARKS,
    OUTCOMES,
    RESULT_MARKS,
    RESULT_WORDS,
    brief,
    circumstances,
    parts,
    policy_text,
    summary,
)
from aigf_dvc.report.visible import cells, visible
from aigf_dvc.report.wrapping import wrapped

WIDTH = 88  # where no terminal says otherwise
_LABEL_WIDTH = len("expected")
_WIDEST_RULE = 28
_NARROW = 60  # below this, labels stand above their texts


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
_ADVICE = {Outcome.WARNED: ": a warning", Outcome.WAIVED: ": WAIVED"}


def verdict_text(verdicts: Sequence[Verdict], *, color: bool, width: int = WIDTH) -> str:
    """Return verdicts as text of at most `width` columns, ending in a summary.

    Hidden characters in what the evidence says are made visible: a model card cannot write to the
    terminal.
    """
    page = _Page(color=color, width=width)
    lines = [line for verdict in verdicts for line in (*page.verdict(verdict), "")]
    return "\n".join([*lines, *page.summary(verdicts), ""])


class _Page:
    """The parts of the text, coloured or plain."""

    def __init__(self, *, color: bool, width: int) -> None:
        self._color = color
        self._width = width

    def verdict(self, verdict: Verdict) -> Iterator[str]:
        style = _RESULT_STYLES[verdict.result]
        result = RESULT_WORDS[verdict.result]
        line, *more = wrapped(
            f"{visible(verdict.model)} {result} {circumstances(verdict)}",
            self._width,
            first=f"{RESULT_MARKS[verdict.result]} ",
            others="  ",
        )
        yield self._emphasised(line, verdict, style)
        yield from more
        for told in wrapped(policy_text(verdict), self._width, first="  ", others="  "):
            yield self._paint(told, _Style.DIM)
        if verdict.problem:
            yield ""
            yield from wrapped(verdict.problem, self._width, first="  ", others="  ")
        for note in verdict.notes:
            yield from wrapped(f"note: {note}", self._width, first="  ", others="    ")
        for outcome in OUTCOMES:
            findings = [finding for finding in verdict.findings if finding.outcome is outcome]
            if findings and outcome in EXPLAINED:
                yield from self._explained(findings)
            elif findings:
                yield ""
                yield from self._in_brief(findings)

    def summary(self, verdicts: Sequence[Verdict]) -> Iterator[str]:
        first = "" if verdicts else f"{RESULT_MARKS[Result.DENIED]} "
        line, *more = wrapped(summary(verdicts), self._width, first=first)
        mark = self._paint(first.rstrip(), _Style.RED)
        yield mark + line[len(first.rstrip()) :]
        yield from more

    def _emphasised(self, line: str, verdict: Verdict, style: _Style) -> str:
        """Return the first line of a verdict with its mark, name and result in colour.

        In a narrow terminal the name and the result may be on later lines: those stay plain.
        """
        mark, name, result = line[:1], visible(verdict.model), RESULT_WORDS[verdict.result]
        plain = f"{mark} {name} {result}"
        if not line.startswith(plain):
            return self._paint(mark, style) + line[1:]
        painted = (
            self._paint(mark, style),
            self._paint(name, _Style.BOLD),
            self._paint(result, style),
        )
        return " ".join(painted) + line[len(plain) :]

    def _explained(self, findings: Iterable[Finding]) -> Iterator[str]:
        for finding in findings:
            name = visible(finding.rule)
            kind = f" ({finding.kind})" if finding.kind != finding.rule else ""
            advice = _ADVICE.get(finding.outcome, "")
            yield ""
            line, *more = wrapped(f"{name}{kind}{advice}", self._width, first="    ", others="    ")
            if line.startswith(f"    {name}{kind}"):
                rest = line[4 + len(name) + len(kind) :]
                line = f"    {self._paint(name, _Style.BOLD)}{self._paint(kind, _Style.DIM)}{rest}"
            yield f"  {self._mark(finding)} {line[4:]}"
            yield from more
            if finding.title:
                yield from wrapped(finding.title, self._width, first="    ", others="    ")
            for label, text in parts(finding):
                yield from self._part(label, text)

    def _part(self, label: str, text: str) -> Iterator[str]:
        if self._width < _NARROW:
            yield self._paint(f"    {label}", _Style.DIM)
            yield from wrapped(text, self._width, first=" " * 6, others=" " * 6)
            return
        lead = f"    {label:<{_LABEL_WIDTH}}  "
        first, *rest = wrapped(text, self._width, first=lead, others=" " * len(lead))
        yield self._paint(first[: len(lead)], _Style.DIM) + first[len(lead) :]
        yield from rest

    def _in_brief(self, findings: Sequence[Finding]) -> Iterator[str]:
        names = [visible(finding.rule) for finding in findings]
        width = min(max(map(cells, names)), _WIDEST_RULE)
        narrow = self._width < _NARROW
        for name, finding in zip(names, findings, strict=True):
            text = brief(finding)
            if narrow or cells(name) > width:
                lines = wrapped(name, self._width, first="    ", others="    ")
                lines += wrapped(text, self._width, first=" " * 6, others=" " * 6)
            else:
                lead = f"    {name}{' ' * (width - cells(name))}  "
                lines = wrapped(text, self._width, first=lead, others=" " * cells(lead))
            yield f"  {self._mark(finding)} {lines[0][4:]}"
            yield from lines[1:]

    def _mark(self, finding: Finding) -> str:
        return self._paint(OUTCOME_MARKS[finding.outcome], _OUTCOME_STYLES[finding.outcome])

    def _paint(self, text: str, style: _Style) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and text else text
