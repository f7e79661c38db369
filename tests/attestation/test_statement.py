import base64
import json
from typing import Any

import pytest

from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.statement import MAX_BYTES, STATEMENT, build_statement, read_statement
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from tests.attestation.builders import MODEL_BYTES, MODEL_FILES, a_deployment, a_payload

Json = dict[str, Any]  # Any: a document that tests edit at will

HEX = "ab" * 32


def a_statement(**changes: Any) -> Json:  # noqa: ANN401 (parts of a statement)
    return {
        "_type": STATEMENT,
        "subject": [{"name": "model.pkl", "digest": {"sha256": HEX}}],
        "predicateType": DEPLOYMENT,
        "predicate": {},
        **changes,
    }


def refusal(statement: object) -> str:
    payload = statement if isinstance(statement, bytes) else json.dumps(statement).encode()
    with pytest.raises(RefusedError) as refused:
        read_statement(payload)
    assert refused.value.exit_code == 1
    return str(refused.value)


def test_a_statement_has_the_in_toto_shape_and_canonical_bytes() -> None:
    payload = a_payload()
    document: Any = loads(payload, where="test")
    assert dumps(document) == payload
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == "https://aigf-dvc.readthedocs.io/predicates/deployment/v1"
    assert document["subject"] == [
        {"name": "models/fraud.pkl", "digest": {"sha256": sha256(MODEL_BYTES)}}
    ]


def test_the_order_of_a_models_files_does_not_change_the_bytes() -> None:
    files = (ModelFile(name="m/b", sha256=sha256(b"b")), ModelFile(name="m/a", sha256=sha256(b"a")))
    there = build_statement(a_deployment(), files)
    assert there == build_statement(a_deployment(), files[::-1])


def test_a_statement_about_nothing_is_never_built() -> None:
    with pytest.raises(RefusedError, match="no subject"):
        build_statement(a_deployment(), ())


def test_reading_gives_the_subjects_and_the_predicate() -> None:
    statement = read_statement(a_payload())
    assert statement.subjects == MODEL_FILES
    assert statement.predicate_type == DEPLOYMENT
    assert statement.predicate["environment"] == "production"


def test_other_digests_beside_sha256_are_read_over() -> None:
    subject = [{"name": "m", "digest": {"sha256": HEX, "gitCommit": "ab" * 20}, "uri": "x"}]
    payload = json.dumps(a_statement(subject=subject)).encode()
    assert read_statement(payload).subjects == (ModelFile(name="m", sha256=sha256_of(HEX)),)


def sha256_of(text: str) -> Any:  # noqa: ANN401 (a NewType over str)
    return text


@pytest.mark.parametrize(
    "digest",
    [
        {"sha256": HEX, "gitCommit": "zz" * 20},
        {"sha256": HEX, "other": ""},
        {"sha256": HEX, "other": "AB"},
        {"sha256": HEX, "sha512": HEX},
        {"sha256": HEX, "sha384": "ab"},
        {},
        {"sha256": ""},
        {"sha256": HEX.upper()},
        {"sha256": HEX[:-2]},
        {"sha256": HEX + "\n"},
        {"sha256": "zz" * 32},
        {"sha256": 7},
        {"sha256": None},
        {"sha512": "ab" * 64},
        {"sha256": HEX, "sha512": "not hex"},
        {"sha256": HEX, "sha512": 5},
        [],
        None,
        HEX,
    ],
)
def test_a_digest_of_another_form_is_refused(digest: object) -> None:
    assert "subject[0].digest" in refusal(a_statement(subject=[{"name": "m", "digest": digest}]))


@pytest.mark.parametrize("name", [None, "", 5, ["m"]])
def test_a_subject_without_a_name_is_refused(name: object) -> None:
    subject = [{"name": name, "digest": {"sha256": HEX}}]
    assert "subject[0].name" in refusal(a_statement(subject=subject))


def test_long_values_are_told_in_part() -> None:
    statement = json.loads(build_statement(a_deployment(), MODEL_FILES))
    twice = statement["subject"] * 2
    twice[0]["name"] = twice[1]["name"] = "x" * 100_000
    for changed in (statement | {"_type": "x" * 100_000}, statement | {"subject": twice}):
        with pytest.raises(RefusedError) as error:
            read_statement(json.dumps(changed).encode())
        assert len(str(error.value)) < 1000


def test_a_name_that_stands_twice_is_refused() -> None:
    subject = [{"name": "m", "digest": {"sha256": HEX}}, {"name": "m", "digest": {"sha256": HEX}}]
    assert "'m' stands twice" in refusal(a_statement(subject=subject))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "_type"),
        ({"_type": None}, "_type"),
        ({"predicateType": ""}, "predicateType"),
        ({"predicateType": 3}, "predicateType"),
        ({"predicate": None}, "predicate"),
        ({"predicate": []}, "predicate"),
        ({"subject": []}, "no subject"),
        ({"subject": {}}, "subject"),
        ({"subject": ["m"]}, "subject[0]"),
    ],
)
def test_a_statement_of_another_shape_is_refused(changes: Json, place: str) -> None:
    assert place in refusal(a_statement(**changes))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b"\xff\xfe",
        json.dumps(a_statement()).encode() + b"x",
        json.dumps(a_statement(predicate=float("nan"))).encode(),
        b"[" * 100_000,
        b'{"a":' * 200 + b"1" + b"}" * 200,
    ],
)
def test_bytes_that_are_no_strict_json_are_refused(payload: bytes) -> None:
    assert refusal(payload)


def test_a_statement_nested_too_deep_is_refused() -> None:
    deep: Json = {}
    for _ in range(100):
        deep = {"a": deep}
    assert "too deep" in refusal(a_statement(predicate=deep))


def test_a_key_that_stands_twice_is_refused() -> None:
    text = json.dumps(a_statement())
    twice = text[:-1] + ', "predicateType": "https://example.com/other"}'
    assert "stands twice" in refusal(twice.encode())


def test_a_statement_past_the_size_limit_is_refused_before_it_is_read() -> None:
    assert f"at most {MAX_BYTES}" in refusal(b" " * (MAX_BYTES + 1))


def test_inline_evidence_is_standard_base64() -> None:
    document: Any = loads(a_payload(), where="test")
    content = document["predicate"]["modelCard"]["content"]
    assert base64.b64decode(content, validate=True) == b"---\nlicense: mit\n---\n"
