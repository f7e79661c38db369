"""The published schema of the deployment attestation says what its reader takes, place by place."""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from msgspec.structs import replace

from aigf_dvc.attestation.approval_statement import APPROVAL
from aigf_dvc.attestation.deployment import DEPLOYMENT, ModelKind, evidence_item
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.summary_statement import WALKED_AGAIN, properties
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState, TrustLevel
from tests.attestation.builders import a_deployment, a_payload
from tests.playground import PACKAGE, SCHEMAS, deployment_validator

Json = dict[str, Any]  # Any: a document that tests edit at will
Path = tuple[str | int, ...]
ODD: tuple[object, ...] = (None, 7, -1, True, "", "x", [], ["x"], [7], {}, {"x": 1}, 10**9, 0.5)
GONE = object()

# The schema is narrower: a verdict that we write has every key, and a date has one form.
NARROWER = ("predicate.verdict", "predicate.metrics.fairness_score.value",
            "predicate.tool.name")  # fmt: skip
# Only the reader knows that two places belong together.
TOGETHER = ("lineageVerification.edges", "lineageVerification.trustLevel",
            "lineageVerification.problems", "lineageVerification.stages", ".content", ".sha256",
            "subject", ".date", "issuedOn")  # fmt: skip


def a_full_statement() -> Json:
    """A statement in which every optional place is filled."""
    plain = a_deployment()
    stage = replace(
        plain.lineage_verification.stages[0], observer="box", reproduction=sha256(b"again")
    )
    document = replace(plain.documents[0], digests=(sha256(b"model"),), date=date(2026, 11, 1))
    signed = evidence_item("waiver/Dana", "application/json", b"{}")
    payload = a_payload(
        source=replace(plain.source, authors=("j@x",), protected=("main",)),
        lineage_verification=replace(
            plain.lineage_verification,
            stages=(stage, *plain.lineage_verification.stages[1:]),
            behind=("stage x",),
        ),
        documents=(document,),
        waivers=(signed,),
        approvals=(replace(signed, name="approval/Vera"),),
    )
    document_again: Any = loads(payload, where="test")
    return json.loads(dumps(document_again))  # type: ignore[no-any-return]  # an object


def places(value: Any, at: Path = ()) -> Iterator[Path]:  # noqa: ANN401 (a JSON document)
    yield at
    keys: Iterable[str | int] = value if isinstance(value, dict) else ()
    for key in range(len(value)) if isinstance(value, list) else keys:
        yield from places(value[key], (*at, key))


def changed(document: Json, at: Path, value: object) -> Json:
    found = copy.deepcopy(document)
    place: Any = found
    for step in at[:-1]:
        place = place[step]
    if value is GONE:
        del place[at[-1]]
    else:
        place[at[-1]] = value
    return found


def is_read(document: Json) -> bool:
    try:
        read_deployment(read_statement(dumps(document)))
    except RefusedError:
        return False
    return bool(document["predicateType"] == DEPLOYMENT)


def named(at: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).lstrip(".")


def test_the_schema_and_the_reader_take_the_same_statements_place_by_place() -> None:
    whole, schema = a_full_statement(), deployment_validator()
    schema.validate(whole)
    assert is_read(whole)
    seen = refused = 0
    for at in places(whole):
        for odd in (*ODD, GONE) if at and not named(at).startswith(NARROWER) else ():
            document = changed(whole, at, odd)
            reads, fits = is_read(document), schema.is_valid(document)
            seen, refused = seen + 1, refused + (not reads)
            if any(part in named(at) for part in TOGETHER):
                assert fits or not reads, (named(at), odd)
            else:
                assert reads == fits, (named(at), odd, reads)
    assert seen > 1000
    assert refused > 500


def test_every_optional_part_may_be_left_out() -> None:
    bare: Json = {
        "environment": None, "model_card": None, "metrics": {}, "documents": (), "evidence": (),
        "policy_evidence": None,
    }  # fmt: skip
    deployment_validator().validate(json.loads(a_payload(**bare)))


def test_the_words_are_those_of_the_code() -> None:
    schema = json.loads((SCHEMAS / "deployment-v1.schema.json").read_text())
    definitions = schema["$defs"]
    lineage = definitions["predicate"]["properties"]["lineageVerification"]["properties"]
    problem = lineage["problems"]["items"]["properties"]
    for found, words in (
        (definitions["trustLevel"]["enum"], TrustLevel),
        (problem["kind"]["enum"], EdgeKind),
        (problem["state"]["enum"], EdgeState),
        (lineage["edges"]["required"], EdgeState),
        (definitions["predicate"]["properties"]["model"]["properties"]["kind"]["enum"], ModelKind),
    ):
        assert found == [str(word) for word in words]
    assert schema["properties"]["predicateType"]["const"] == DEPLOYMENT
    written = a_full_statement()["predicate"]
    assert set(written) == set(definitions["predicate"]["properties"])


def test_a_verdict_inside_has_the_form_of_one_outside() -> None:
    inside = json.loads((SCHEMAS / "deployment-v1.schema.json").read_text())["$defs"]
    outside = json.loads((SCHEMAS / "verdict-v1.schema.json").read_text())["$defs"]
    assert {name: inside[name] for name in outside} == outside


def test_another_statement_is_none() -> None:
    document = a_full_statement() | {"predicateType": APPROVAL}
    assert not deployment_validator().is_valid(document)


def documentation() -> str:
    return (PACKAGE / "docs/predicate.md").read_text()


def test_the_documented_example_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", documentation(), re.DOTALL)
    deployment_validator().validate(json.loads(example))
    assert is_read(json.loads(example))


def test_every_field_and_every_property_of_a_summary_is_documented() -> None:
    text = documentation()
    schema = json.loads((SCHEMAS / "deployment-v1.schema.json").read_text())
    for name in schema["$defs"]["predicate"]["properties"]:
        assert re.search(rf"^\*\*.*`{name}`.*\*\*", text, re.MULTILINE), name
    found = properties({"ID": ["passed"]}, environment="NAME", level=TrustLevel.REPRODUCED)
    for name in (*found, WALKED_AGAIN):
        assert f"`{name}`" in text
    assert DEPLOYMENT in text
