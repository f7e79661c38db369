"""Every field of a model card has its place in a bill of materials; nothing said is lost."""

import json
from importlib import resources

import pytest

from aigf_dvc.evidence.metric import Metric
from aigf_dvc.report.card_fields import CardFields
from aigf_dvc.report.cyclonedx import cyclonedx_bom
from aigf_dvc.report.cyclonedx_card import SPDX_IDENTIFIERS, governance, licenses
from tests.report.builders import CARD, EXTERNAL, RAW, Json, a_source, plain


def model(card: Json | None = None) -> Json:
    found: Json = plain(cyclonedx_bom(a_source(card=card)))["metadata"]["component"]
    return found


def card(fields: Json | None = None) -> Json:
    found: Json = model(fields)["modelCard"]
    return found


def said(fields: Json | None = None) -> dict[str, str]:
    return {item["name"]: item["value"] for item in card(fields).get("properties", [])}


def test_the_task_is_the_pipeline_tag() -> None:
    assert card()["modelParameters"]["task"] == "tabular-classification"


def test_the_data_sets_are_those_that_the_model_learned_from_then_those_that_the_card_names() -> (
    None
):
    described = {
        "type": "dataset",
        "name": "training data, as the model card describes it",
        "description": "applications of 1990",
        "governance": {
            "owners": [
                {"contact": {"name": "jane.doe@example.com", "email": "jane.doe@example.com"}}
            ]
        },
    }
    assert card()["modelParameters"]["datasets"] == [
        {"ref": f"path:{RAW}"},
        {"ref": f"path:{EXTERNAL}"},
        described,
        {"type": "dataset", "name": "acme/applications"},
    ]


def test_the_metrics_are_texts() -> None:
    assert card()["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "fairness_score", "value": "0.85"}
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(3, "3"), (float("nan"), "nan"), (True, "true"), ("0.9", "0.9")]
)
def test_a_metric_of_any_form_becomes_a_text(value: object, text: str) -> None:
    source = a_source(metrics={"m": Metric(value=value, where="metrics.json:m")})
    analysis = plain(cyclonedx_bom(source))["metadata"]["component"]["modelCard"]
    assert analysis["quantitativeAnalysis"]["performanceMetrics"] == [{"type": "m", "value": text}]


def test_the_considerations_are_use_limits_and_fairness() -> None:
    assert card()["considerations"] == {
        "useCases": ["teaching"],
        "technicalLimitations": ["one city", "Out of scope: lending"],
        "ethicalConsiderations": [{"name": "bias", "mitigationStrategy": "reweighing"}],
        "fairnessAssessments": [{"mitigationStrategy": "reweighing"}],
    }


def test_what_has_no_field_is_a_property() -> None:
    assert said() == {
        "aigf:card.governance.model_card_version": "1.10",
        "aigf:card.governance.responsible_owner": "jane.doe@example.com",
        "aigf:card.governance.risk_tier": "high",
        "aigf:card.library_name": "sklearn",
    }


def test_a_placeholder_is_not_said() -> None:
    assert "human_oversight" in CARD["governance"]
    assert not any("human_oversight" in name for name in said())
    fields = {"governance": {"bias_mitigation_strategy": "TODO", "intended_use": ""}}
    assert "considerations" not in card(fields)


def test_a_field_outside_the_governance_block_counts_where_that_has_none() -> None:
    fields = {"intended_use": "outside", "governance": {}}
    assert card(fields)["considerations"]["useCases"] == ["outside"]
    fields = {"intended_use": "outside", "governance": {"intended_use": "inside"}}
    assert card(fields)["considerations"]["useCases"] == ["inside"]
    assert said(fields) == {"aigf:card.intended_use": "outside"}


def test_a_value_of_any_form_is_kept() -> None:
    fields = {"governance": {"approvals": [{"by": "ann"}], "until": {"$date": "2027-01-01"}}}
    assert said(fields) == {
        "aigf:card.governance.approvals": '[{"by":"ann"}]',
        "aigf:card.governance.until": "2027-01-01",
    }


def test_the_base_model_the_tags_and_the_licence_stand_beside_the_card() -> None:
    assert model()["pedigree"] == {
        "ancestors": [{"type": "machine-learning-model", "name": "acme/base"}]
    }
    assert model()["tags"] == ["credit"]
    assert model()["licenses"] == [{"license": {"id": "Apache-2.0"}}]


def test_without_a_card_only_the_lineage_and_the_metrics_speak() -> None:
    assert set(card({})) == {"modelParameters", "quantitativeAnalysis"}
    assert card({})["modelParameters"] == {
        "datasets": [{"ref": f"path:{RAW}"}, {"ref": f"path:{EXTERNAL}"}]
    }
    assert {"licenses", "tags", "pedigree"}.isdisjoint(model({}))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"license": "mit"}, [{"license": {"id": "MIT"}}]),
        (
            {"license": ["mit", "cc-by-4.0"]},
            [{"license": {"id": "MIT"}}, {"license": {"id": "CC-BY-4.0"}}],
        ),
        ({"license": "openrail"}, [{"license": {"name": "openrail"}}]),
        (
            {"license": "other", "license_name": "acme-1", "license_link": "LICENSE"},
            [{"license": {"name": "acme-1", "url": "LICENSE"}}],
        ),
        ({"license": "other"}, [{"license": {"name": "other"}}]),
        ({}, []),
    ],
)  # fmt: skip
def test_a_licence_is_an_spdx_identifier_where_it_is_one(
    fields: Json, expected: list[Json]
) -> None:
    assert licenses(CardFields(fields)) == expected


def test_every_identifier_that_we_write_is_one_of_spdx() -> None:
    schema = resources.files("cyclonedx.schema") / "_res" / "spdx.SNAPSHOT.schema.json"
    assert set(SPDX_IDENTIFIERS) <= set(json.loads(schema.read_text())["enum"])


@pytest.mark.parametrize(
    ("owner", "contact"),
    [
        ("The risk team", {"name": "The risk team"}),
        ("a@example.com", {"name": "a@example.com", "email": "a@example.com"}),
        ("Ann <a@example.com>", {"name": "Ann <a@example.com>"}),
    ],
)
def test_an_owner_has_an_address_only_where_the_whole_text_is_one(
    owner: str, contact: Json
) -> None:
    found = governance(CardFields({"governance": {"responsible_owner": owner}}))
    assert found == {"governance": {"owners": [{"contact": contact}]}}
