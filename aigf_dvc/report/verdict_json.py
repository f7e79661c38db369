"""A verdict as JSON for machines: the same keys every time, in camelCase."""

from aigf_dvc.canonical import Json
from aigf_dvc.policy.verdict import Finding, Verdict


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
