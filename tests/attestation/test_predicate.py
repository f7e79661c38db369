from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import EvidenceItem, evidence_item, lineage_verification
from aigf_dvc.attestation.predicate import (
    INLINE_EACH,
    INLINE_TOGETHER,
    read_deployment,
    with_small_evidence,
)
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState, Lineage, StageTrust, TrustLevel
from aigf_dvc.evidence.metric import Metric
from tests.attestation.builders import POLICY, a_deployment, a_payload, an_edited_payload


def of_size(size: int, name: str = "x") -> EvidenceItem:
    return evidence_item(name, "text/plain", b"x" * size)


def predicate(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (the fields of a Deployment)
    document: Any = loads(a_payload(**changes), where="test")
    found: dict[str, Any] = document["predicate"]
    return found


def refusal(**changes: Any) -> str:  # noqa: ANN401 (parts of a predicate)
    with pytest.raises(RefusedError) as refused:
        read_deployment(read_statement(an_edited_payload(**changes)))
    return str(refused.value)


def test_what_was_written_reads_as_the_same_values() -> None:
    deployment = a_deployment()
    assert read_deployment(read_statement(a_payload())) == deployment


def test_a_deployment_without_its_optional_parts_reads_as_it_was_written() -> None:
    bare: dict[str, Any] = {
        "environment": None,
        "model_card": None,
        "metrics": {},
        "documents": (),
        "evidence": (),
        "policy_evidence": None,
        "policy": replace(POLICY, version=""),
    }
    assert read_deployment(read_statement(a_payload(**bare))) == a_deployment(**bare)


def test_branches_and_what_is_behind_are_written_where_somebody_looked() -> None:
    plain = a_deployment()
    found = predicate()
    assert "protectedBranches" not in found["source"]
    assert "behind" not in found["lineageVerification"]
    for known in ((), ("origin/main",)):
        changed = {
            "source": replace(plain.source, protected=known),
            "lineage_verification": replace(plain.lineage_verification, behind=known),
        }
        assert predicate(**changed)["source"]["protectedBranches"] == list(known)
        assert read_deployment(read_statement(a_payload(**changed))) == a_deployment(**changed)


def test_branches_are_texts() -> None:
    source = predicate()["source"]
    values: tuple[object, ...] = ("main", [1], [""], {})
    for odd in values:
        assert "protectedBranches" in refusal(source=source | {"protectedBranches": odd})


def test_the_predicate_has_the_documented_keys() -> None:
    found = predicate()
    assert sorted(found) == [
        "approvals",
        "documents",
        "environment",
        "evidence",
        "issuedOn",
        "lineage",
        "lineageVerification",
        "metrics",
        "model",
        "modelCard",
        "policy",
        "source",
        "tool",
        "tree",
        "verdict",
        "waivers",
    ]
    assert found["model"] == {"name": "fraud", "path": "models/fraud.pkl", "kind": "file"}
    assert found["issuedOn"] == "2026-11-20T09:30:00Z"
    assert found["lineageVerification"]["trustLevel"] == "declared"
    assert found["documents"][0]["date"] == "2026-11-01"


def test_a_metric_that_json_cannot_carry_is_marked() -> None:
    metrics = {"loss": Metric(value=float("nan"), where="m.json:loss")}
    assert predicate(metrics=metrics)["metrics"]["loss"]["value"] == {"$number": "nan"}


def test_a_user_cannot_write_a_value_that_looks_like_our_mark() -> None:
    metrics = {"loss": Metric(value={"$number": "1"}, where="m.json:loss")}
    assert predicate(metrics=metrics)["metrics"]["loss"]["value"] == {"$$number": "1"}


def test_evidence_is_inline_up_to_the_limit_and_by_digest_past_it() -> None:
    small, large = of_size(INLINE_EACH), of_size(INLINE_EACH + 1)
    fitted = with_small_evidence(a_deployment(evidence=(small, large)))
    assert fitted.evidence == (small, replace(large, content=None))


def test_all_inline_evidence_together_stays_within_its_limit() -> None:
    deployment = a_deployment(
        lineage=of_size(INLINE_EACH),
        model_card=of_size(INLINE_EACH),
        evidence=(of_size(INLINE_EACH), of_size(INLINE_EACH - 5), of_size(6), of_size(5)),
        documents=(),
    )
    fitted = with_small_evidence(deployment)
    kept = [item.content is not None for item in fitted.evidence]
    assert kept == [True, True, False, True]
    assert sum(len(item.content or b"") for item in fitted.evidence) + 2 * INLINE_EACH == (
        INLINE_TOGETHER
    )


def test_evidence_by_digest_has_no_content_and_reads_back() -> None:
    deployment = a_deployment(lineage=of_size(INLINE_EACH + 1))
    payload = a_payload(lineage=deployment.lineage)
    assert read_deployment(read_statement(payload)).lineage.content is None
    assert b'"content"' not in payload.split(b'"lineage":')[1].split(b"}")[1]


def test_an_empty_file_is_evidence_too() -> None:
    empty = evidence_item("empty", "text/plain", b"")
    assert read_deployment(read_statement(a_payload(lineage=empty))).lineage == empty


def test_inline_evidence_that_its_digest_does_not_name_is_refused() -> None:
    card = predicate()["modelCard"] | {"content": "b3RoZXI="}
    assert sha256(b"other") in refusal(modelCard=card)


@pytest.mark.parametrize("content", ["b3RoZXI", "b3RoZXJ=", "b3Ro\nZXI=", "###", 5, None])
def test_inline_evidence_that_is_not_canonical_base64_is_refused(content: object) -> None:
    card = predicate()["modelCard"] | {"content": content}
    assert "modelCard.content" in refusal(modelCard=card)


def test_a_trust_level_above_the_weakest_stage_is_refused() -> None:
    found = predicate()["lineageVerification"] | {"trustLevel": "observed"}
    assert "the level of the weakest stage" in refusal(lineageVerification=found)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"model": {"name": "m", "path": "m", "kind": "socket"}}, "model.kind"),
        ({"model": "m"}, "predicate.model"),
        ({"source": {"uri": None, "digest": {}, "ref": None}}, "source.digest.gitCommit"),
        ({"policy": {"id": "", "version": "", "digest": {"sha256": "1"}}}, "policy.digest.sha256"),
        ({"issuedOn": "2026-11-20"}, "issuedOn"),
        ({"issuedOn": "2026-11-20T09:30:00+02:00"}, "issuedOn"),
        ({"issuedOn": "2026-1-20T09:30:00Z"}, "issuedOn"),
        ({"issuedOn": 7}, "issuedOn"),
        ({"waivers": None}, "waivers"),
        ({"approvals": {}}, "approvals"),
        ({"environment": ""}, "environment"),
        ({"metrics": {"a": 5}}, "metrics.a"),
        ({"documents": [{"type": "x"}]}, "documents[0]"),
        ({"tool": {}}, "tool.version"),
    ],
)
def test_a_predicate_of_another_shape_is_refused(changes: dict[str, Any], place: str) -> None:
    assert place in refusal(**changes)


@pytest.mark.parametrize("count", [-1, True, "3", None, 10**12])
def test_a_count_of_edges_is_a_whole_number(count: object) -> None:
    found = predicate()["lineageVerification"]
    found["edges"]["verified"] = count
    assert "edges.verified" in refusal(lineageVerification=found)


def test_only_edges_that_are_neither_verified_nor_recorded_are_problems() -> None:
    edges = tuple(
        Edge(stage="s", kind=EdgeKind.INPUT, name=state, state=state, reason="")
        for state in EdgeState
    )
    stages = (StageTrust(stage="s", level=TrustLevel.OBSERVED),)
    found = lineage_verification(Lineage(edges=edges, stages=stages))
    assert [edge.state for edge in found.problems] == [EdgeState.MISMATCHED, EdgeState.MISSING]
    assert dict(found.edges) == dict.fromkeys(EdgeState, 1)
    assert found.level is TrustLevel.OBSERVED


def test_who_observed_a_stage_is_kept() -> None:
    attested = a_deployment().lineage_verification
    stages = tuple(replace(stage, observer="sha256:box") for stage in attested.stages[:1])
    observed = replace(attested, stages=stages)
    payload = a_payload(lineage_verification=observed)
    assert read_deployment(read_statement(payload)).lineage_verification == observed
    assert b"observer" not in a_payload()


def test_a_document_keeps_the_digests_that_it_speaks_of() -> None:
    document = replace(a_deployment().documents[0], digests=(sha256(b"model"),))
    read = read_deployment(read_statement(a_payload(documents=(document,))))
    assert read.documents == (document,)
    found = predicate()["documents"][0]
    assert "digests" not in found
    assert "documents[0].digests" in refusal(documents=[found | {"digests": ["sha256:x"]}])
