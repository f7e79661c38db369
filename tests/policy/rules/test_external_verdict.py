from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.external_verdict import ExternalVerdict, VerdictType
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import Finding, Outcome
from tests.policy.builders import a_policy, an_evidence, judged, the_finding

RULE = (
    "{id: ext, kind: external-verdict, engine: ampel, type: svr, properties: [A, B], max_age: 30d}"
)
MODEL, MORE = sha256(b"model"), sha256(b"more")


def a_verdict(**changes: Any) -> ExternalVerdict:  # noqa: ANN401 (fields)
    plain = ExternalVerdict(
        engine="ampel",
        type=VerdictType.SVR,
        verifier="https://ampel/v1",
        passed=True,
        properties=("A", "B", "C"),
        models=(MODEL,),
        time=datetime(2026, 11, 20, tzinfo=UTC),
        where="sha256:abc",
    )
    return replace(plain, **changes)


def evidence(*verdicts: ExternalVerdict, files: tuple[Sha256, ...] = (MODEL,)) -> ModelEvidence:
    named = tuple(ModelFile(name=f"m{n}", sha256=file) for n, file in enumerate(files))
    return replace(an_evidence(), files=named, external_verdicts=verdicts)


def finding(*verdicts: ExternalVerdict, rule: str = RULE) -> Finding:
    return the_finding(judged(rule, evidence(*verdicts)))


def test_a_pass_about_these_bytes_with_the_properties_passes() -> None:
    found = finding(a_verdict())
    assert found.outcome is Outcome.PASSED
    assert found.observed == "a svr of ampel of 2026-11-20 says so"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"engine": "other"}, "no svr of ampel about it"),
        ({"type": VerdictType.VSA}, "no svr of ampel about it"),
        ({"models": (MORE,)}, "1 are about other bytes"),
        ({"models": (MODEL, MORE)}, "1 are about other bytes"),
        ({"models": (MODEL, MODEL)}, "1 are about other bytes"),
        ({"models": ()}, "1 are about other bytes"),
        ({"passed": False}, "ampel did not pass it"),
        ({"properties": ("A",)}, "it does not say B"),
        ({"properties": ()}, "it does not say A, B"),
        ({"time": datetime(2026, 10, 23, tzinfo=UTC)}, "it is 31 days old"),
        ({"time": datetime(2026, 12, 1, tzinfo=UTC)}, "in the future"),
        ({"time": None}, "nothing says when"),
    ],
)
def test_what_is_no_pass_about_these_bytes_is_denied(changes: dict[str, Any], said: str) -> None:
    found = finding(a_verdict(**changes))
    assert found.outcome is Outcome.DENIED
    assert said in found.observed
    assert "--trust" in found.remedy


def test_nothing_is_no_pass_and_neither_is_a_model_of_unknown_bytes() -> None:
    assert finding().outcome is Outcome.DENIED
    unknown = evidence(a_verdict(models=()), files=())
    assert the_finding(judged(RULE, unknown)).outcome is Outcome.DENIED


def test_the_newest_verdict_counts() -> None:
    old = datetime(2026, 11, 10, tzinfo=UTC)
    failed_before = a_verdict(passed=False, time=old, where="sha256:old")
    assert finding(a_verdict(), failed_before).outcome is Outcome.PASSED
    passed_before = a_verdict(time=old, where="sha256:old")
    assert finding(passed_before, a_verdict(passed=False)).outcome is Outcome.DENIED


def test_a_failure_of_unknown_or_the_same_time_is_not_passed_over() -> None:
    rule = "{id: ext, kind: external-verdict, engine: ampel, type: svr}"
    assert finding(a_verdict(), a_verdict(passed=False, time=None), rule=rule).outcome is (
        Outcome.DENIED
    )
    assert finding(a_verdict(), a_verdict(passed=False), rule=rule).outcome is Outcome.DENIED
    assert finding(a_verdict(time=None), rule=rule).outcome is Outcome.PASSED


def test_every_file_of_a_directory_must_be_named() -> None:
    both = evidence(a_verdict(models=(MORE, MODEL)), files=(MODEL, MORE))
    assert the_finding(judged(RULE, both)).outcome is Outcome.PASSED
    half = evidence(a_verdict(), files=(MODEL, MORE))
    assert the_finding(judged(RULE, half)).outcome is Outcome.DENIED


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{id: a, kind: external-verdict, type: svr}", "there is no `engine`"),
        ("{id: a, kind: external-verdict, engine: e}", "without `type`"),
        ("{id: a, kind: external-verdict, engine: e, type: sarif}", "one of svr, vsa, test-result"),
        (
            "{id: a, kind: external-verdict, engine: e, type: svr, properties: []}",
            "a list of texts",
        ),
        ("{id: a, kind: external-verdict, engine: e, type: svr, max_age: old}", "days or weeks"),
    ],
)
def test_a_rule_of_another_form_is_refused(rule: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        a_policy(rule)
