from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.baseline_item import MEDIA_TYPE, baseline_item, read_baselines
from aigf_dvc.attestation.deployment import evidence_item
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.metric import Metric
from tests.attestation.builders import a_deployment

FULL = Baseline(
    name="production",
    where="attestation sha256:4f1d of 2026-11-20",
    metrics={
        "auc": Metric(value=Decimal("0.10000000000000000000000001"), where="m.json:auc"),
        "groups": Metric(value={"$a": {"positives": 1, "samples": 2}}, where="m.json:groups"),
    },
    model=sha256(b"old model"),
    signer="key SHA256:ab",
)
ABSENT = Baseline(name="tag:v1", where="v1", absent=True, problem="no revision named v1 here")


@pytest.mark.parametrize("baseline", [FULL, ABSENT])
def test_what_a_statement_carries_reads_as_it_was_written(baseline: Baseline) -> None:
    item = baseline_item(baseline)
    assert item.name == f"baseline/{baseline.name}"
    assert list(read_baselines(a_deployment(evidence=(item,)), {})) == [baseline]


def test_one_that_lies_beside_the_bundle_is_read_there_and_else_does_not_count() -> None:
    item = baseline_item(FULL)
    deployment = a_deployment(evidence=(replace(item, content=None),))
    assert list(read_baselines(deployment, {item.sha256: item.content or b""})) == [FULL]
    (lost,) = read_baselines(deployment, {})
    assert (lost.name, lost.absent) == ("production", False)
    assert "not at hand" in lost.problem


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"metrics": None},
        {"metrics": {"auc": 0.9}},
        {"metrics": {"auc": {"value": 0.9}}},
        {"model": "abc"},
        {"signer": 1},
    ],
    ids=str,
)
def test_one_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    document: Any = loads(baseline_item(FULL).content or b"", where="test")
    item = evidence_item("baseline/production", MEDIA_TYPE, dumps(document | changes))
    with pytest.raises(RefusedError, match="baseline/production"):
        list(read_baselines(a_deployment(evidence=(item,)), {}))


@pytest.mark.parametrize("absent", [None, 0, "false", True])
def test_in_doubt_there_is_no_baseline(absent: object) -> None:
    document: Any = loads(baseline_item(FULL).content or b"", where="test")
    item = evidence_item("baseline/production", MEDIA_TYPE, dumps(document | {"absent": absent}))
    (found,) = read_baselines(a_deployment(evidence=(item,)), {})
    assert found.absent
