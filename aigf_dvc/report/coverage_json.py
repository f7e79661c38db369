"""The controls that verdicts evidence, as JSON for machines."""

from collections.abc import Iterable

from aigf_dvc.canonical import Json
from aigf_dvc.policy.coverage import ControlCoverage, Coverage


def coverage_as_json(coverage: Coverage) -> dict[str, Json]:
    """Return one model's coverage as plain JSON types."""
    verdict = coverage.verdict
    return {
        "model": verdict.model,
        "result": verdict.result.value,
        "at": verdict.at.value,
        "policy": {
            "id": verdict.policy.id,
            "version": verdict.policy.version,
            "digest": {"sha256": verdict.policy.sha256},
        },
        "controls": [_control(control) for control in coverage.controls],
        "notClaimed": _pairs(coverage.silent, "title"),
        "neverEvidenced": _pairs(coverage.never, "why"),
    }


def _control(control: ControlCoverage) -> Json:
    return {
        "id": f"{control.framework}:{control.control}",
        "title": control.title,
        "evidenced": control.evidenced.value,
        "strength": control.strength.value if control.strength else None,
        "notShown": control.not_shown,
        "rules": [
            {
                "rule": share.rule,
                "outcome": share.outcome.value,
                "claimed": share.claimed.value,
                "counted": share.counted.value,
            }
            for share in control.shares
        ],
    }


def _pairs(pairs: Iterable[tuple[str, str]], key: str) -> Json:
    return [{"id": name, key: text} for name, text in pairs]
