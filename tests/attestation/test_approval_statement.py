from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aigf_dvc.attestation.approval_statement import (
    APPROVAL,
    Decision,
    approval_statement,
    read_approval,
)
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import loads
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from tests.attestation.consent_builders import FILES, MODEL, approval_payload, said


def predicate(decision: Decision = Decision.APPROVE) -> dict[str, Any]:
    document: Any = loads(approval_statement(said(decision)), where="test")
    found = document["predicate"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("decision", Decision)
def test_what_is_written_is_read_again(decision: Decision) -> None:
    payload = approval_statement(said(decision))
    assert read_approval(read_statement(payload)) == said(decision)
    assert payload == approval_statement(said(decision))


def test_an_approval_without_an_end_is_read_again() -> None:
    endless = said(expires=None)
    assert read_approval(read_statement(approval_statement(endless))) == endless


def test_each_decision_has_the_documented_keys() -> None:
    common = {"decision", "role", "reason", "issued", "expires"}
    about = {"model", "environment", "policyDigest", "treeDigest"}
    assert set(predicate(Decision.SIGN)) == common
    assert set(predicate(Decision.APPROVE)) == common | about
    assert set(predicate(Decision.WAIVE)) == common | about | {"rules"}


def _without(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda found: {name: value for name, value in found.items() if name != key}


def _with(**values: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda found: found | values


@pytest.mark.parametrize(
    ("decision", "change", "problem"),
    [
        (Decision.APPROVE, _with(decision="maybe"), "approve or waive or sign"),
        (Decision.APPROVE, _with(rules=["fairness"]), "unknown key 'rules'"),
        (Decision.APPROVE, _with(scope="all"), "unknown key 'scope'"),
        (Decision.SIGN, _with(model="fraud"), "unknown key 'model'"),
        (Decision.WAIVE, _without("rules"), "predicate.rules"),
        (Decision.WAIVE, _with(rules=[]), "predicate.rules"),
        (Decision.WAIVE, _with(rules=["a", "a"]), "different rules"),
        (Decision.WAIVE, _with(rules=["a", 1]), "different rules"),
        (Decision.APPROVE, _without("policyDigest"), "predicate.policyDigest"),
        (Decision.APPROVE, _with(policyDigest={}), "policyDigest.sha256"),
        (Decision.APPROVE, _with(treeDigest={"sha256": "AB"}), "treeDigest.sha256"),
        (Decision.APPROVE, _with(environment=""), "predicate.environment"),
        (Decision.APPROVE, _with(role=None), "predicate.role"),
        (Decision.APPROVE, _with(reason=""), "predicate.reason"),
        (Decision.APPROVE, _with(issued="2026-11-20"), "predicate.issued"),
        (Decision.APPROVE, _with(issued="2026-11-20T09:30:00+01:00"), "predicate.issued"),
        (Decision.APPROVE, _with(expires="soon"), "predicate.expires"),
        (Decision.APPROVE, _with(expires="2026-11-19T09:30:00Z"), "before it is issued"),
    ],
)
def test_a_statement_of_another_shape_is_refused(
    decision: Decision, change: Callable[[dict[str, Any]], dict[str, Any]], problem: str
) -> None:
    payload = approval_payload(change(predicate(decision)))
    with pytest.raises(RefusedError, match=problem):
        read_approval(read_statement(payload))


def test_another_version_is_refused() -> None:
    payload = approval_payload(predicate(), kind=APPROVAL.replace("v1", "v2"))
    with pytest.raises(RefusedError, match="approval/v2"):
        read_approval(read_statement(payload))


def test_nobody_signs_what_could_not_be_read_again() -> None:
    with pytest.raises(RefusedError, match="before it is issued"):
        approval_statement(said(expires=datetime(2020, 1, 1, tzinfo=UTC)))
    two = (*FILES, ModelFile(name="other.md", sha256=MODEL))
    with pytest.raises(RefusedError, match="2 documents"):
        approval_statement(said(Decision.SIGN, files=two))
