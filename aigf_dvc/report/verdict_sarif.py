"""Verdicts as SARIF 2.1.0: one result for each finding that asks for something.

What passed, was deferred or does not apply is no result: code scanning would show it as an alert.
A model that could not be judged is one, so that an upload never closes alerts it did not check.
See: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import sha256
from aigf_dvc.policy.verdict import Finding, Outcome, Result
from aigf_dvc.report.export_values import HOME, TOOL, percent_encoded
from aigf_dvc.report.places import Place, Root, main_place, rule_place
from aigf_dvc.report.verdict_report import ModelReport, Report
from aigf_dvc.report.verdict_words import EXPLAINED, NOTHING_JUDGED, counted, in_order, parts
from aigf_dvc.report.visible import visible

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_UNDECIDED = "undecided"
_LEVELS = {Outcome.DENIED: "error", Outcome.WARNED: "warning", Outcome.WAIVED: "warning"}
_IN_FIRST_LINE = ("found", "expected")
_DIGITS = 32  # of a fingerprint


def verdict_sarif(report: Report, *, root: Root) -> dict[str, Json]:
    """Return a log with one run."""
    results = [result for model in report.models for result in _results(model, root)]
    undecided = any(v.result is Result.UNDECIDED for v in report.verdicts)
    if not report.models:
        results.append(_result(_UNDECIDED, "error", [NOTHING_JUDGED], identity=("",)))
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": TOOL,
                        "version": report.tool_version,
                        "informationUri": HOME,
                        "rules": list(_rules(report)),
                    }
                },
                "invocations": [
                    {"executionSuccessful": bool(report.models) and not undecided},
                ],
                "columnKind": "unicodeCodePoints",
                "results": list(results),
            }
        ],
    }


def _rules(report: Report) -> Iterator[Json]:
    """Yield each rule that has a finding, once, with the words of its policy."""
    seen = set[str]()
    for verdict in report.verdicts:
        for finding in verdict.findings:
            if finding.rule not in seen:
                seen.add(finding.rule)
                yield _rule(finding)
    yield {
        "id": _UNDECIDED,
        "shortDescription": {"text": "The evidence about a model could not be read."},
        "fullDescription": {"text": "A file that the verdict needs is missing, broken or unknown."},
        "help": {"text": "A model that cannot be judged is not let through. Mend what is named."},
        "defaultConfiguration": {"level": "error"},
    }


def _rule(finding: Finding) -> Json:
    title = finding.title or f"The rule {finding.rule} ({finding.kind})."
    helps = [finding.why, f"The rule stands at {finding.rule_place}." if finding.rule_place else ""]
    if finding.controls:
        helps.append(f"It is evidence for {counted(len(finding.controls), 'control')}.")
    told = [part for part in helps if part] or [title]
    return {
        "id": visible(finding.rule),
        "shortDescription": _message(title),
        "fullDescription": _message(finding.why or title),
        "help": _message(*told),
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "kind": visible(finding.kind),
            "tags": [visible(control.id) for control in finding.controls],
        },
    }


def _results(model: ModelReport, root: Root) -> Iterator[Json]:
    verdict = model.verdict
    if verdict.result is Result.UNDECIDED:
        place = Place(file=verdict.policy.path) if verdict.policy.path else None
        yield _result(
            _UNDECIDED,
            "error",
            [f"{verdict.model} could not be judged: {verdict.problem}"],
            identity=(verdict.model,),
            locations=[_location(place, model, root)] if place else [],
        )
    seen = Counter[tuple[str, ...]]()
    for finding in in_order(verdict.findings):
        if finding.outcome not in EXPLAINED:
            continue
        identity = (verdict.model, verdict.environment, finding.rule)
        yield _finding(finding, model, root, identity=(*identity, str(seen[identity])))
        seen[identity] += 1


def _finding(
    finding: Finding, model: ModelReport, root: Root, *, identity: tuple[str, ...]
) -> Json:
    verdict = model.verdict
    lines = [f"{verdict.model}: {finding.observed}; expected {finding.expected}."]
    lines += [f"{label}: {text}" for label, text in parts(finding) if label not in _IN_FIRST_LINE]
    place = main_place(finding, verdict, model.card_path)
    rule = rule_place(finding, verdict)
    result = _result(
        visible(finding.rule),
        _LEVELS[finding.outcome],
        lines,
        identity=identity,
        locations=[_location(place, model, root, where=finding.where)] if place else [],
    )
    if rule is not None and rule != place:
        result["relatedLocations"] = [
            _location(rule, model, root) | {"message": {"text": "the rule"}}
        ]
    if finding.outcome is Outcome.WAIVED:
        waiver: Json = {
            "kind": "external",
            "status": "accepted",
            "justification": visible(finding.waived_by),
        }
        result["suppressions"] = [waiver]
    return result


def _result(
    rule: str,
    level: str,
    lines: Sequence[str],
    *,
    identity: tuple[str, ...],
    locations: list[Json] | None = None,
) -> dict[str, Json]:
    # Numbers and lines come and go: a finding is known by model, environment, rule and position.
    mark = sha256(dumps([rule, *map(visible, identity)]))[:_DIGITS]
    return {
        "ruleId": rule,
        "level": level,
        "message": _message(*lines),
        "locations": locations or [],
        "partialFingerprints": {
            "aigfFinding/v1": mark,
            "primaryLocationLineHash": mark,  # the one that GitHub compares
        },
    }


def _location(place: Place, model: ModelReport, root: Root, *, where: str = "") -> dict[str, Json]:
    path = root.path_of(place.file, model.verdict)
    start = "file://" if path.startswith("/") else ""
    # A colon in the first step of a relative path would make it a scheme: RFC 3986, section 4.2.
    physical: dict[str, Json] = {
        "artifactLocation": {"uri": start + percent_encoded(path, keep="/")}
    }
    if place.line is not None:
        column: dict[str, Json] = {} if place.column is None else {"startColumn": place.column}
        physical["region"] = {"startLine": place.line} | column
    location: dict[str, Json] = {"physicalLocation": physical}
    if where:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(where)}]
    return location


def _message(*lines: str) -> dict[str, Json]:
    """Return a plain text of some lines that holds no placeholder and no embedded link.

    Source: SARIF 2.1.0, sections 3.11.5 and 3.11.6: braces are doubled, brackets of what would be
    a link are escaped.
    """
    plain = "\n".join(map(visible, lines)).replace("{", "{{").replace("}", "}}")
    if "](" in plain:
        plain = plain.replace("[", r"\[").replace("]", r"\]")
    return {"text": plain}
