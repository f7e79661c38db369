from datetime import UTC, datetime

import pytest

from aigf_dvc.attestation.engine_statement import PREDICATES, read_engine_statement
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.external_verdict import VerdictType
from tests.attestation.consent_builders import MODEL, an_engine_statement

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def refusal(payload: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        read_engine_statement(payload)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "verifier", "properties", "time"),
    [
        (VerdictType.SVR, "https://ampel/v1", ("AMPEL_SCANNED", "AMPEL_SIGNED"), AT),
        (VerdictType.VSA, "https://ampel/v1", ("SLSA_BUILD_LEVEL_2",), AT),
        (VerdictType.TEST_RESULT, "", ("robustness", "drift"), None),
    ],
)
def test_each_type_is_read(
    kind: VerdictType, verifier: str, properties: tuple[str, ...], time: datetime | None
) -> None:
    said = read_engine_statement(an_engine_statement(kind))
    assert (said.type, said.verifier, said.properties, said.time) == (
        kind, verifier, properties, time,
    )  # fmt: skip
    assert said.passed
    assert said.files == (MODEL,)


def test_a_vsa_need_not_say_when_it_was_made() -> None:
    payload = an_engine_statement(VerdictType.VSA, timeVerified=None)
    assert read_engine_statement(payload).time is None


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (VerdictType.VSA, {"verificationResult": "FAILED"}),
        (VerdictType.TEST_RESULT, {"result": "FAILED"}),
        (VerdictType.TEST_RESULT, {"result": "WARNED"}),
        (VerdictType.TEST_RESULT, {"failedTests": ["drift"]}),
    ],
)
def test_a_failure_is_no_pass(kind: VerdictType, change: dict[str, object]) -> None:
    assert not read_engine_statement(an_engine_statement(kind, **change)).passed


def test_a_test_that_failed_too_has_not_passed() -> None:
    payload = an_engine_statement(VerdictType.TEST_RESULT, failedTests=["drift"])
    assert read_engine_statement(payload).properties == ("robustness",)


@pytest.mark.parametrize(
    ("kind", "change", "place"),
    [
        (VerdictType.SVR, {"verifier": {"id": "x"}}, "verifier.policies"),
        (VerdictType.SVR, {"verifier": {"policies": []}}, "verifier.id"),
        (VerdictType.SVR, {"properties": "AMPEL_SCANNED"}, "properties"),
        (VerdictType.SVR, {"properties": [1]}, "properties"),
        (VerdictType.SVR, {"timeCreated": None}, "timeCreated"),
        (VerdictType.SVR, {"timeCreated": "2026-02-30T00:00:00Z"}, "timeCreated"),
        (VerdictType.SVR, {"timeCreated": "2026-11-20T09:30:00"}, "timeCreated"),
        (VerdictType.VSA, {"verificationResult": "passed"}, "verificationResult"),
        (VerdictType.VSA, {"verifiedLevels": None}, "verifiedLevels"),
        (VerdictType.VSA, {"policy": None}, "predicate.policy"),
        (VerdictType.VSA, {"resourceUri": None}, "resourceUri"),
        (VerdictType.TEST_RESULT, {"result": True}, "predicate.result"),
        (VerdictType.TEST_RESULT, {"configuration": None}, "configuration"),
    ],
)
def test_a_predicate_of_another_shape_is_refused(
    kind: VerdictType, change: dict[str, object], place: str
) -> None:
    assert place in refusal(an_engine_statement(kind, **change))


@pytest.mark.parametrize(
    "subject",
    [
        [],
        [{"name": "m", "digest": {}}],
        [{"name": "m", "digest": {"md5": "ab"}}],
        [{"name": "m", "digest": {"sha1": MODEL}}],
        [{"name": "m", "digest": {"sha256": ""}}],
        [{"name": "m", "digest": {"sha256": MODEL.upper()}}],
        [{"name": "m", "digest": {"sha256": MODEL, "sha512": ""}}],
        [{"name": "m", "digest": {"sha256": MODEL}}, {"name": "n", "digest": {"gitCommit": "ab"}}],
        [{"name": "m"}],
        {"name": "m", "digest": {"sha256": MODEL}},
    ],
)
def test_a_subject_without_a_plain_sha256_is_refused(subject: object) -> None:
    assert "statement.subject" in refusal(an_engine_statement(subject=subject))


def test_another_version_of_a_known_predicate_is_refused() -> None:
    payload = an_engine_statement().replace(b"svr/v0.2", b"svr/v0.1")
    assert "svr/v0.1" in refusal(payload)
    assert PREDICATES[VerdictType.VSA] in refusal(payload)
    assert "_type" in refusal(an_engine_statement().replace(b"Statement/v1", b"Statement/v0.1"))
