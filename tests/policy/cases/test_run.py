import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.policy.cases.model import CaseFile, CaseResult
from aigf_dvc.policy.cases.read import read_cases
from aigf_dvc.policy.cases.run import coverage, demand_known_rules, run_case
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Outcome
from tests.policy.builders import a_policy

SCORE = "{id: score, kind: metric, metric: score, min: 0.8}"


def cases(*texts: str) -> CaseFile:
    lines = "".join(f"  - {{name: case {n}, {text}}}\n" for n, text in enumerate(texts))
    text = f"today: 2026-11-26\nenvironment: production\ncases:\n{lines}"
    return read_cases(text.encode(), path="f")


def run(policy: Policy, *texts: str) -> list[CaseResult]:
    return [run_case(case, policy) for case in cases(*texts).cases]


def evidence(score: float) -> str:
    return f"evidence: {{metrics: {{score: {score}}}}}"


def test_a_case_that_is_as_expected_has_no_mismatch() -> None:
    (result,) = run(
        a_policy(SCORE), f"{evidence(0.7)}, expect: {{result: denied, findings: {{score: denied}}}}"
    )
    assert result.is_met


def test_a_mismatch_says_what_was_expected_and_found_and_why() -> None:
    (result,) = run(
        a_policy(SCORE), f"{evidence(0.7)}, expect: {{result: passed, findings: {{score: passed}}}}"
    )
    assert not result.is_met
    about_result, about_rule = result.mismatches
    assert (about_result.about, about_result.expected, about_result.found) == (
        "result", "passed", "denied",
    )  # fmt: skip
    assert [f.observed for f in about_result.findings] == ["score is 0.7"]
    assert (about_rule.about, about_rule.expected, about_rule.found) == (
        "score", "passed", "denied",
    )  # fmt: skip
    assert [f.expected for f in about_rule.findings] == ["at least 0.8"]


def test_of_several_findings_the_worst_is_the_rule_s_outcome() -> None:
    lineage = "{id: l, kind: lineage, min_trust: observed}"
    edges = "evidence: {lineage: {level: declared, edges: {verified: 1}}}"
    (result,) = run(
        a_policy(lineage), f"{edges}, expect: {{result: denied, findings: {{l: denied}}}}"
    )
    assert {f.outcome for f in result.verdict.findings} == {Outcome.PASSED, Outcome.DENIED}
    assert result.is_met


def test_the_day_of_the_case_decides() -> None:
    later = a_policy(SCORE.replace("}", ", effective_from: 2026-12-01}"))
    before, after = run(
        later,
        f"{evidence(0.7)}, expect: {{result: passed, findings: {{score: warned}}}}",
        f"{evidence(0.7)}, today: 2026-12-01, expect: {{result: denied}}",
    )
    assert before.is_met
    assert after.is_met


def test_a_waiver_of_a_case_counts_under_its_policy() -> None:
    waiver = "waivers: [{person: D, role: r, rules: [score], expires: 2026-12-01}]"
    given = f"evidence: {{metrics: {{score: 0.7}}, {waiver}}}"
    expected = "expect: {result: passed, findings: {score: waived}}"
    borrowed = given.replace("role: r", "role: r, models: [sha256-of:other]")
    own, other = run(a_policy(SCORE), f"{given}, {expected}", f"{borrowed}, {expected}")
    assert own.is_met
    assert not other.is_met


def test_an_unknown_rule_is_refused_with_its_place() -> None:
    file = cases(f"{evidence(0.7)}, expect: {{result: denied, findings: {{scroe: denied}}}}")
    with pytest.raises(InputError) as caught:
        demand_known_rules(file, a_policy(SCORE))
    assert str(caught.value).startswith("f:4:")
    assert "no rule `scroe`; did you mean `score`?" in str(caught.value)
    policy = cases("expect: {result: denied, findings: {policy: denied, score: denied}}")
    demand_known_rules(policy, a_policy(SCORE))


def test_coverage_tells_which_side_of_a_rule_was_shown() -> None:
    policy = a_policy(
        SCORE,
        "{id: warns, kind: metric, metric: score, min: 0.8, severity: warn}",
        "{id: gone, kind: metric, metric: score, min: 0.8, expires: 2026-11-25}",
        "{id: other, kind: metric, metric: other, min: 0}",
        "{id: absent, kind: document, document: d}",
    )
    results = run(
        policy,
        f"{evidence(0.7)}, expect: {{result: denied}}",
        f"{evidence(0.9)}, expect: {{result: denied}}",
    )
    found = {rule.rule: (rule.passed, rule.refused) for rule in coverage(policy, results)}
    assert found == {
        "score": (True, True),
        "warns": (True, True),
        "gone": (False, False),
        "other": (False, True),
        "absent": (False, True),
    }
