"""The results of a policy's cases as JSON for machines: the same keys every time."""

from aigf_dvc.canonical import Json
from aigf_dvc.policy.cases.model import CaseResult, CasesReport
from aigf_dvc.report.verdict_json import verdict_as_json


def cases_as_json(report: CasesReport) -> dict[str, Json]:
    """Return the results as plain JSON types."""
    return {
        "passed": report.is_met,
        "covered": report.is_covered,
        "files": [
            {
                "path": file.path,
                "policy": file.policy,
                "cases": [_case(result) for result in file.results],
            }
            for file in report.files
        ],
        "coverage": [
            {
                "policy": policy.policy,
                "rules": [
                    {"rule": rule.rule, "passed": rule.passed, "refused": rule.refused}
                    for rule in policy.rules
                ],
            }
            for policy in report.coverage
        ],
    }


def _case(result: CaseResult) -> Json:
    return {
        "name": result.case.name,
        "place": result.case.place,
        "passed": result.is_met,
        "mismatches": [
            {"about": found.about, "expected": found.expected, "found": found.found}
            for found in result.mismatches
        ],
        "verdict": verdict_as_json(result.verdict),
    }
