"""Verdicts as Markdown, for the summary of a CI job or a comment on a change."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from aigf_dvc.policy.numbers import number_text
from aigf_dvc.policy.verdict import Finding, Outcome, Verdict
from aigf_dvc.report.controls import claimed
from aigf_dvc.report.markdown import code, table, text
from aigf_dvc.report.slices import SlicedMetric
from aigf_dvc.report.verdict_report import ModelReport, Report
from aigf_dvc.report.verdict_words import (
    DIGEST_DIGITS,
    EXPLAINED,
    OUTCOME_MARKS,
    RESULT_MARKS,
    brief,
    headline,
    in_order,
    parts,
    summary,
)

_TITLES = {Outcome.DENIED: "Denied", Outcome.WARNED: "Warned", Outcome.WAIVED: "Waived"}
_IN_CODE = ("where", "rule")


def verdict_markdown(report: Report) -> str:
    """Return a document: a table of the models, then each model with its findings."""
    lines = [f"# aigf check: {text(summary(report.verdicts))}", ""]
    if report.models:
        lines += [*_overview(report.verdicts), ""]
    for model in report.models:
        lines += _model(model)
    lines.append(f"aigf {text(report.tool_version)}, {report.printed_on}")
    return "\n".join(lines) + "\n"


def _overview(verdicts: Iterable[Verdict]) -> Iterator[str]:
    counted = (Outcome.DENIED, Outcome.WARNED, Outcome.WAIVED, Outcome.PASSED)
    rows = []
    for verdict in verdicts:
        outcomes = Counter(finding.outcome for finding in verdict.findings)
        mark = RESULT_MARKS[verdict.result]
        row = [text(verdict.model), f"{mark} {verdict.result}", str(verdict.at)]
        row += [text(verdict.environment), text(verdict.tier)]
        rows.append(row + [str(outcomes[outcome]) for outcome in counted])
    heads = ("model", "result", "gate", "environment", "tier", *map(str, counted))
    yield from table(heads, rows)


def _model(model: ModelReport) -> Iterator[str]:
    verdict = model.verdict
    policy = verdict.policy
    yield f"## {RESULT_MARKS[verdict.result]} {text(headline(verdict))}"
    yield ""
    place = f" {code(policy.path)}" if policy.path else ""
    digest = f"sha256:{policy.sha256[:DIGEST_DIGITS]}"
    yield f"Policy {text(policy.id)} {text(policy.version)},{place} {code(digest)}"
    yield ""
    if verdict.problem:
        yield from (f"**Not decided:** {text(verdict.problem)}", "")
    if verdict.notes:
        yield from (*(f"- **note:** {text(note)}" for note in verdict.notes), "")
    for outcome in EXPLAINED:
        found = [finding for finding in verdict.findings if finding.outcome is outcome]
        if found:
            yield from (f"### {_TITLES[outcome]}", "")
            for finding in found:
                yield from _explained(finding)
    yield from _rest(verdict.findings)
    for metric in model.sliced:
        yield from _sliced(metric)
    yield from _controls(verdict.findings)


def _explained(finding: Finding) -> Iterator[str]:
    title = f": {text(finding.title)}" if finding.title else ""
    yield f"#### {OUTCOME_MARKS[finding.outcome]} {text(finding.rule)}{title}"
    yield ""
    for label, said in parts(finding):
        yield f"- **{label}:** {code(said) if label in _IN_CODE else text(said)}"
    yield ""


def _rest(findings: Sequence[Finding]) -> Iterator[str]:
    others = [finding for finding in in_order(findings) if finding.outcome not in EXPLAINED]
    if not others:
        return
    yield from ("### Rules" if len(others) == len(findings) else "### Other rules", "")
    yield from table(
        ("rule", "outcome", "what was found"),
        ((text(f.rule), f"{OUTCOME_MARKS[f.outcome]} {f.outcome}", text(brief(f))) for f in others),
    )
    yield ""


def _sliced(metric: SlicedMetric) -> Iterator[str]:
    limits = [
        f"{word} {number_text(limit)}"
        for word, limit in (("at least", metric.low), ("at most", metric.high))
        if limit is not None
    ]
    told = f" ({' and '.join(limits)})" if limits else ""
    yield from (f"### {text(metric.name)} by group{told}", "")
    rows = (
        (
            text(part.group),
            "no number" if part.value is None else number_text(part.value),
            text(part.basis),
        )
        for part in metric.slices
    )
    yield from table(("group", "value", "from"), rows)
    yield ""


def _controls(findings: Iterable[Finding]) -> Iterator[str]:
    rows = [
        (text(c.control), str(c.strength), text(c.rule), f"{OUTCOME_MARKS[c.outcome]} {c.outcome}")
        for c in claimed(findings)
    ]
    if rows:
        yield from ("### Controls", "")
        yield from table(("control", "strength", "rule", "outcome"), rows)
        yield ""
