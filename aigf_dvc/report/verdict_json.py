"""A verdict as JSON for machines: the same keys every time, in camelCase."""

from collections.abc import Sequence

from aigf_dvc.canonical import Json
from aigf_dvc.policy.verdict import Finding, Verdict

VERDICTS = "https://aigf-dvc.readthedocs.io/verdicts/v1"


def verdicts_as_json(verdicts: Sequence[Verdict]) -> dict[str, Json]:
    """Return what `aigf check` found, as schemas/verdict-v1.schema.json describes it."""
    return {
        "verdictsType": VERDICTS,
        "verdicts": [verdict_as_json(verdict) for verdict in verdicts],
    }


def verdict_as_json(verdict: Verdict) -> dict[str, Json]:
    """Return a verdict as plain JSON types; texts that say nothing are empty, never absent."""
    policy = verdict.policy
    return {
        "model": verdict.model,
        "at": verdict.at.value,
        "result": verdict.result.value,
        "policy": {
            "id": policy.id,
            "version": policy.version,
            "digest": {"sha256": policy.sha256},
        },
        "findings": [_finding(finding) for finding in verdict.findings],
        "problem": verdict.problem,
        "tier": verdict.tier,
        "environment": verdict.environment,
        "notes": list(verdict.notes),
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "kind": finding.kind,
        "outcome": finding.outcome.value,
        "observed": finding.observed,
        "expected": finding.expected,
        "where": finding.where,
        "remedy": finding.remedy,
        "title": finding.title,
        "why": finding.why,
        "rulePlace": finding.rule_place,
        "controls": [
            {"id": control.id, "strength": control.strength.value} for control in finding.controls
        ],
        "waivedBy": finding.waived_by,
    }
