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
    }
