"""Verdicts as one HTML page to read on a screen and to print: no script, nothing from elsewhere.

Its content security policy lets only its own style in, by its hash. What others wrote stands in
it as escaped text, its hidden characters made visible.
"""

from collections import Counter
from collections.abc import Iterator
from string import Template

from msgspec import Struct

from aigf_dvc.policy.verdict import Finding, Outcome, Result, Verdict
from aigf_dvc.report.graph_html import hash_source
from aigf_dvc.report.verdict_html_evidence import controls, lineage, slices
from aigf_dvc.report.verdict_html_words import attribute, heads, rows, shown
from aigf_dvc.report.verdict_report import ModelReport, Report
from aigf_dvc.report.verdict_words import (
    EXPLAINED,
    OUTCOME_MARKS,
    RESULT_MARKS,
    RESULT_WORDS,
    brief,
    circumstances,
    findings_summary,
    in_order,
    models_summary,
    parts,
)

_TITLES = {
    Outcome.DENIED: "What denies",
    Outcome.WARNED: "Warnings",
    Outcome.WAIVED: "Waived: would deny, but a signed waiver excepts the model",
}
_COUNTED = (Outcome.DENIED, Outcome.WARNED, Outcome.WAIVED, Outcome.PASSED)


class VerdictPage(Struct, frozen=True, kw_only=True):
    """The parts of the page that every report shares."""

    skeleton: str  # templates/report/page.html
    style: str  # templates/report/page.css
    picture_style: str  # templates/graph/picture.css


def verdict_html(report: Report, *, page: VerdictPage) -> str:
    """Return the whole page."""
    style = f"\n{page.picture_style}{page.style}"
    return Template(page.skeleton).substitute(
        policy=f"default-src 'none'; style-src '{hash_source(style)}'; base-uri 'none'; "
        "form-action 'none'",
        title=attribute(_title(report)),
        style=style,
        printed=report.printed_on.isoformat(),
        version=attribute(report.tool_version),
        summary=attribute(findings_summary(report.verdicts)),
        overview="\n".join(_overview(report)),
        models="\n".join(
            line for number, model in enumerate(report.models) for line in _model(model, number)
        ),
    )


def _title(report: Report) -> str:
    if len(report.models) != 1:
        return models_summary(report.verdicts)
    (verdict,) = report.verdicts
    return f"{verdict.model} {RESULT_WORDS[verdict.result]} {circumstances(verdict)}"


def _overview(report: Report) -> Iterator[str]:
    """Yield the table of the models, when there are several."""
    if len(report.models) < 2:  # noqa: PLR2004  # the title says it all of one
        return
    yield '<div class="scroll" tabindex="0" role="region" aria-label="The models of this check">'
    yield '<table class="overview"><caption>The models of this check</caption>'
    counted = (outcome.capitalize() for outcome in _COUNTED)
    yield from heads("Model", "Result", "Gate", "Environment", "Tier", *counted)
    for number, verdict in enumerate(report.verdicts):
        outcomes = Counter(finding.outcome for finding in verdict.findings)
        yield (
            f'<tr><th scope="row"><a href="#model-{number}">{shown(verdict.model)}</a></th>'
            f'<td class="{verdict.result}">{_sign(verdict.result)}</td><td>{verdict.at}</td>'
            f"<td>{shown(verdict.environment or 'none')}</td>"
            f"<td>{shown(verdict.tier or 'none')}</td>"
        )
        yield from (f'<td class="number">{outcomes[outcome]}</td>' for outcome in _COUNTED)
        yield "</tr>"
    yield "</tbody></table></div>"


def _sign(result: Result) -> str:
    return f'<span class="word">{RESULT_MARKS[result]} {result}</span>'


def _model(model: ModelReport, number: int) -> Iterator[str]:
    verdict = model.verdict
    yield f'<section class="judged {verdict.result}" id="model-{number}">'
    yield f'<h2 class="{verdict.result}">{_sign(verdict.result)}: {shown(verdict.model)}</h2>'
    yield from rows(_facts(model))
    if verdict.problem:
        yield f'<p class="problem"><strong>Not decided:</strong> {shown(verdict.problem)}</p>'
    if verdict.notes:
        yield "<h3>Notes: what did not count</h3><ul>"
        yield from (f"<li>{shown(note)}</li>" for note in verdict.notes)
        yield "</ul>"
    for outcome in EXPLAINED:
        found = [finding for finding in verdict.findings if finding.outcome is outcome]
        if found:
            yield f"<h3>{_TITLES[outcome]} ({len(found)})</h3>"
        for finding in found:
            yield from _finding(finding)
    yield from _others(verdict)
    for metric in model.sliced:
        yield from slices(metric)
    if model.lineage is not None:
        yield from lineage(model.lineage)
    yield from controls(verdict.findings)
    yield "</section>"


def _facts(model: ModelReport) -> Iterator[tuple[str, str]]:
    verdict = model.verdict
    policy = verdict.policy
    yield "Gate", verdict.at.value
    yield "Environment", verdict.environment or "none in particular"
    yield "Risk tier", verdict.tier or "the policy has no tiers"
    yield "Policy", f"{policy.id} {policy.version}" + (f", {policy.path}" if policy.path else "")
    yield "Policy digest", f"sha256:{policy.sha256}"
    if model.policy_description:
        yield "Its purpose", model.policy_description
    for fact in model.facts:
        yield fact.name, fact.text


def _finding(finding: Finding) -> Iterator[str]:
    outcome = finding.outcome
    yield f'<article class="finding {outcome}">'
    yield (
        f'<h4 class="{outcome}"><span class="word">{OUTCOME_MARKS[outcome]} {outcome}</span>'
        f' by {shown(finding.rule)} <span class="quiet">({shown(finding.kind)})</span></h4>'
    )
    if finding.title:
        yield f'<p class="title">{shown(finding.title)}</p>'
    yield from rows(parts(finding))
    yield "</article>"


def _others(verdict: Verdict) -> Iterator[str]:
    """Yield the table of the findings that ask for nothing."""
    found = [f for f in in_order(verdict.findings) if f.outcome not in EXPLAINED]
    if not found:
        return
    alone = len(found) == len(verdict.findings)
    yield f"<h3>{'Rules' if alone else 'Other rules'} ({len(found)})</h3>"
    yield '<table class="others">'
    yield from heads("Rule", "Outcome", "What was found", "Where the rule stands")
    for finding in found:
        title = f"<p>{shown(finding.title)}</p>" if finding.title else ""
        sign = f'<span class="word">{OUTCOME_MARKS[finding.outcome]} {finding.outcome}</span>'
        yield (
            f'<tr><th scope="row">{shown(finding.rule)}{title}</th>'
            f'<td class="{finding.outcome}">{sign}</td><td>{shown(brief(finding))}</td>'
            f'<td class="mono">{shown(finding.rule_place)}</td></tr>'
        )
    yield "</tbody></table>"
