"""Verdicts as annotations of a GitHub Actions log: one workflow command a line.

See: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator

from aigf_dvc.policy.verdict import Finding, Outcome
from aigf_dvc.report.places import Root, main_place
from aigf_dvc.report.verdict_report import ModelReport, Report
from aigf_dvc.report.verdict_words import (
    EXPLAINED,
    NOTHING_JUDGED,
    headline,
    in_order,
    parts,
    summary,
)
from aigf_dvc.report.visible import visible

_LEVELS = {Outcome.DENIED: "error", Outcome.WARNED: "warning", Outcome.WAIVED: "warning"}
# As in escapeData and escapeProperty of https://github.com/actions/toolkit, packages/core
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def verdict_github(report: Report, *, root: Root) -> str:
    """Return one annotation for each finding that asks for something, and a line that sums up.

    GitHub shows the first ten errors and ten warnings of a step: what denies comes first.
    """
    found = [line for model in report.models for line in _model(model, root)]
    if not report.models:
        found = [_command("error", NOTHING_JUDGED, title="aigf")]
    # The last line starts with our own words: no text of others can stand first on a line.
    return "\n".join([*found, f"aigf: {summary(report.verdicts)}", ""])


def policy_annotation(said: str, *, path: str) -> str:
    """Return a warning about a change of the policy."""
    return _command("warning", visible(said), title="aigf: the policy", place={"file": path})


def _model(model: ModelReport, root: Root) -> Iterator[str]:
    verdict = model.verdict
    if verdict.problem:
        yield _command("error", visible(verdict.problem), title=headline(verdict))
    for finding in in_order(verdict.findings):
        if finding.outcome in EXPLAINED:
            yield _finding(finding, model, root)
    for note in verdict.notes:
        yield _command("notice", visible(note), title=f"{verdict.model}: does not count")


def _finding(finding: Finding, model: ModelReport, root: Root) -> str:
    verdict = model.verdict
    place = main_place(finding, verdict, model.card_path)
    said = "\n".join(f"{label}: {visible(text)}" for label, text in parts(finding))
    title = f": {finding.title}" if finding.title else ""
    return _command(
        _LEVELS[finding.outcome],
        said,
        title=f"{verdict.model} {finding.outcome} by {finding.rule}{title}",
        place={}
        if place is None
        else {
            "file": root.path_of(place.file, verdict),
            "line": "" if place.line is None else str(place.line),
            "col": "" if place.column is None else str(place.column),
        },
    )


def _command(name: str, message: str, *, title: str, place: dict[str, str] | None = None) -> str:
    properties = {**(place or {}), "title": title}
    told = ",".join(
        f"{key}={visible(value).translate(_IN_PROPERTY)}"
        for key, value in properties.items()
        if value
    )
    return f"::{name} {told}::{message.translate(_IN_MESSAGE)}"
