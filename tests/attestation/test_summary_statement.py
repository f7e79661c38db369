"""What a verdict comes to is read alike by our own reader of other engines and by in-toto's."""

import importlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sigstore.dsse import Statement as SigstoreStatement

from aigf_dvc.attestation.engine_statement import read_engine_statement
from aigf_dvc.attestation.summary_statement import (
    Summary,
    named_by_digest,
    properties,
    svr_statement,
    vsa_statement,
)
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.evidence.lineage import TrustLevel
from tests.attestation.builders import MODEL_FILES

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PROPERTIES = ("AIGF_DEPLOYMENT_PASSED", "AIGF_LINEAGE_DECLARED")
SUMMARY = Summary(
    verifier="https://ml.example.com/release/v1",
    at=AT,
    resource="git+https://example.com/m.git@abc#model.pkl",
    policy=sha256(b"policy"),
    policy_uri="https://example.com/policy.yaml",
    attestations=(sha256(b"bundle"),),
    properties=PROPERTIES,
)


def untyped(name: str) -> Any:  # noqa: ANN401  # protobuf's modules have no types
    return importlib.import_module(name)


def predicate(payload: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(payload)["predicate"]
    return found


@pytest.mark.parametrize("write", [svr_statement, vsa_statement])
def test_other_readers_take_it(write: Any) -> None:  # noqa: ANN401 (either of two functions)
    payload = write(MODEL_FILES, SUMMARY)
    SigstoreStatement(payload)
    document = json.loads(payload)
    statements = untyped("in_toto_attestation.v1.statement_pb2")
    parsed = untyped("google.protobuf.json_format").Parse(payload, statements.Statement())
    in_toto = untyped("in_toto_attestation.v1.statement").Statement
    in_toto.copy_from_pb(parsed).validate()
    assert list(parsed.subject[0].digest) == ["sha256"]
    assert parsed.predicate_type == document["predicateType"]
    said = read_engine_statement(payload)
    assert said.passed
    assert said.verifier == SUMMARY.verifier
    assert said.properties == PROPERTIES
    assert said.files == tuple(file.sha256 for file in MODEL_FILES)
    assert said.time == AT


def test_a_simple_verification_result_has_every_field_that_it_must() -> None:
    payload = svr_statement(MODEL_FILES, SUMMARY)
    assert json.loads(payload)["predicateType"] == "https://in-toto.io/attestation/svr/v0.2"
    assert predicate(payload) == {
        "verifier": {
            "id": "https://ml.example.com/release/v1",
            "policies": [
                {
                    "uri": "https://example.com/policy.yaml",
                    "digest": {"sha256": sha256(b"policy")},
                }
            ],
        },
        "timeCreated": "2026-11-20T09:30:00Z",
        "properties": list(PROPERTIES),
    }


def test_a_verification_summary_has_every_field_that_it_must() -> None:
    payload = vsa_statement(MODEL_FILES, SUMMARY)
    assert json.loads(payload)["predicateType"] == "https://slsa.dev/verification_summary/v1"
    found = predicate(payload)
    assert found["inputAttestations"] == [
        {"uri": named_by_digest(sha256(b"bundle")), "digest": {"sha256": sha256(b"bundle")}}
    ]
    assert found["verificationResult"] == "PASSED"
    assert found["resourceUri"] == SUMMARY.resource
    assert read_engine_statement(payload).type is VerdictType.VSA
    assert "slsaVersion" not in found


def test_bytes_are_named_by_their_digest_as_the_standard_does() -> None:
    # RFC 6920, section 8.1: "Hello World!".
    assert named_by_digest(sha256(b"Hello World!")) == (
        "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
    )


def test_only_what_holds_is_listed_and_never_a_level_of_slsa() -> None:
    outcomes = {
        "b": ["passed", "passed"], "a": ["passed"], "warned": ["passed", "warned"],
        "later": ["deferred"], "none": ["not-applicable"],
    }  # fmt: skip
    found = tuple(properties(outcomes, environment="staging", level=TrustLevel.OBSERVED))
    assert found == (
        "AIGF_DEPLOYMENT_PASSED",
        "AIGF_ENVIRONMENT:staging",
        "AIGF_LINEAGE_DECLARED",
        "AIGF_LINEAGE_OBSERVED",
        "AIGF_NO_WAIVERS",
        "AIGF_RULE:a",
        "AIGF_RULE:b",
    )
    waived = tuple(properties({"a": ["waived"]}, environment=None, level=TrustLevel.DECLARED))
    assert waived == ("AIGF_DEPLOYMENT_PASSED", "AIGF_LINEAGE_DECLARED")
    unknown = tuple(properties(None, environment=None, level=TrustLevel.REPRODUCED))
    assert unknown[0] == "AIGF_DEPLOYMENT_PASSED"
    assert unknown[-1] == "AIGF_LINEAGE_REPRODUCED"
    assert not any(name.startswith("SLSA_") for name in (*found, *waived))


def test_a_summary_that_a_judge_would_refuse_is_not_signed() -> None:
    with pytest.raises(RefusedError):
        svr_statement((), SUMMARY)
