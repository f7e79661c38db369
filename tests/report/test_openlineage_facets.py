"""The standard's facets are those of its library; ours are what our schema says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from openlineage.client import facet_v2 as standard
from openlineage.client.serde import Serde

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lineage import EdgeState, Lineage
from aigf_dvc.report.export_source import ExportSource
from aigf_dvc.report.openlineage import openlineage_events
from aigf_dvc.report.openlineage_facets import OUR_SCHEMA, PRODUCER
from tests.report.builders import (
    CARD,
    COMMIT,
    EXTERNAL,
    HOLDOUT,
    MODEL,
    ORIGIN,
    RAW,
    RECORDS,
    Json,
    a_lineage,
    a_source,
    an_edge,
    content,
)

BASE = f"git+https://example.com/acme/models.git@{COMMIT}"
SCHEMA = Path(__file__).parents[2] / "schemas/openlineage-facets-v1.schema.json"
LIBRARY: dict[str, Any] = {
    "dataSource": standard.datasource_dataset.DatasourceDatasetFacet,
    "datasetType": standard.dataset_type_dataset.DatasetTypeDatasetFacet,
    "executionParameters": standard.execution_parameters_run.ExecutionParametersRunFacet,
    "jobType": standard.job_type_job.JobTypeJobFacet,
    "sourceCode": standard.source_code_job.SourceCodeJobFacet,
    "sourceCodeLocation": standard.source_code_location_job.SourceCodeLocationJobFacet,
    "version": standard.dataset_version_dataset.DatasetVersionDatasetFacet,
}
OF_BOTH: dict[str, Any] = {
    "dataset": {
        "documentation": standard.documentation_dataset.DocumentationDatasetFacet,
        "ownership": standard.ownership_dataset.OwnershipDatasetFacet,
    },
    "job": {"ownership": standard.ownership_job.OwnershipJobFacet},
}
BAD = Lineage(edges=(an_edge(EdgeState.MISMATCHED),), stages=a_lineage().stages)


def events(source: ExportSource | None = None) -> list[Json]:
    return [json.loads(line) for line in openlineage_events([source or a_source()])]


def dataset(name: str, source: ExportSource | None = None) -> Json:
    found: Json = next(
        event["dataset"]["facets"]
        for event in events(source)
        if event.get("dataset", {}).get("name") == name
    )
    return found


def job(name: str, source: ExportSource | None = None) -> Json:
    found: Json = next(
        event["job"]["facets"]
        for event in events(source)
        if event.get("job", {}).get("name") == name
    )
    return found


def run(name: str) -> Json:
    found: Json = next(
        event["run"]["facets"]
        for event in events()
        if "run" in event and event["job"]["name"] == name
    )
    return found


def every_facet(source: ExportSource) -> Iterator[tuple[str, str, Json]]:
    """Yield the entity, name and content of every facet."""
    for event in events(source):
        parts = [(kind, event[kind]) for kind in ("dataset", "job", "run") if kind in event]
        parts += [
            ("dataset", item) for item in (*event.get("inputs", []), *event.get("outputs", []))
        ]
        for kind, part in parts:
            for name, facet in part.get("facets", {}).items():
                yield kind, name, facet


def said(facet: Json) -> Json:
    return {key: value for key, value in facet.items() if not key.startswith("_")}


@pytest.mark.parametrize("source", [a_source(), a_source(lineage=BAD), a_source(records={})])
def test_the_standard_facets_are_those_of_the_library(source: ExportSource) -> None:
    seen = set()
    for kind, name, facet in every_facet(source):
        if name.startswith("aigf_"):
            continue
        made = (OF_BOTH.get(kind, {}) | LIBRARY)[name](**said(facet), producer=PRODUCER)
        assert Serde.to_dict(made) == facet
        seen.add(name)
    expected = set(LIBRARY) | {"ownership", "documentation"}
    assert seen == (expected if source.stages[0].run else expected - {"executionParameters"})


@pytest.mark.parametrize("source", [a_source(), a_source(lineage=BAD), a_source(records={})])
def test_our_facets_are_what_the_schema_says(source: ExportSource) -> None:
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == OUR_SCHEMA
    seen = set()
    for kind, name, facet in every_facet(source):
        if not name.startswith("aigf_"):
            continue
        place, _, kind_of_facet = facet["_schemaURL"].partition("#/$defs/")
        assert place == OUR_SCHEMA
        # "{prefix}{name}{entity}Facet", key "{prefix}_{name}": spec/OpenLineage.md
        assert kind_of_facet == f"Aigf{name.removeprefix('aigf_').title()}{kind.title()}Facet"
        Draft202012Validator({**schema, "$ref": f"#/$defs/{kind_of_facet}"}).validate(facet)
        seen.add(kind_of_facet)
    ours = {name for name in schema["$defs"] if name.endswith("Facet")}
    assert seen == (ours if source.stages[0].run else ours - {"AigfEnvironmentRunFacet"})


def test_our_schema_would_notice() -> None:
    schema = json.loads(SCHEMA.read_text())
    facet = dataset(MODEL)["aigf_digests"] | {"digest": {"md5": "0" * 32}}
    assert not Draft202012Validator({**schema, "$ref": "#/$defs/AigfDigestsDatasetFacet"}).is_valid(
        facet
    )


def test_the_model_carries_its_card_metrics_documents_and_digests() -> None:
    found = dataset(MODEL)
    assert said(found["aigf_card"]) == {"fields": CARD}
    assert said(found["aigf_metrics"]) == {
        "metrics": {"fairness_score": {"source": "metrics.json:fairness_score", "value": 0.85}}
    }
    assert [(d["type"], d["uri"]) for d in found["aigf_documents"]["documents"]] == [
        ("model-card", f"{BASE}#MODEL_CARD.md"),
        ("risk-assessment", f"{BASE}#docs/risk.md"),
        ("bias-analysis", f"{BASE}#docs/bias.md"),
    ]
    assert found["aigf_digests"]["digest"] == {"sha256": sha256(content(MODEL))}
    assert found["documentation"]["description"] == "teaching"
    assert found["datasetType"]["datasetType"] == "MODEL"


def test_the_data_that_was_learned_from_is_described_by_the_card() -> None:
    for name in (RAW, "extra.csv"):
        assert dataset(name)["documentation"]["description"] == "applications of 1990"
        assert dataset(name)["ownership"]["owners"] == [
            {"name": "jane.doe@example.com", "type": "OWNER"}
        ]
    assert "documentation" not in dataset(HOLDOUT)
    assert "documentation" not in dataset("data/clean.csv")


def test_a_directory_has_a_tree_digest_and_dvcs_name() -> None:
    found = dataset(RAW)["aigf_digests"]
    assert found["digest"] == {"dirHash": sha256(content(RAW))}
    assert found["dvc"]["value"].endswith(".dir")
    assert dataset(RAW)["version"]["datasetVersion"] == f"sha256:{sha256(content(RAW))}"


def test_the_data_source_is_where_the_data_is() -> None:
    assert dataset("extra.csv")["dataSource"]["uri"] == EXTERNAL
    assert dataset("extra.csv")["dataSource"]["name"] == "s3://bucket"
    assert dataset(RAW)["dataSource"]["uri"] == f"{BASE}#data/raw"


def test_a_job_has_its_commands_parameters_and_commit() -> None:
    found = job("prepare")
    assert found["sourceCode"]["sourceCode"] == "mkdir -p data\npython src/prepare.py"
    location = said(found["sourceCodeLocation"])
    url = "https://example.com/acme/models.git"
    assert location == {"type": "git", "url": url, "repoUrl": url, "path": ".", "version": COMMIT}
    assert job("train")["aigf_parameters"]["parameters"]["params.yaml"]["depth"] == 3
    unnamed = a_source(origin=replace(ORIGIN, repository=None))
    assert "sourceCodeLocation" not in job("train", unnamed)


def test_a_job_says_how_far_its_record_is_trusted_and_what_is_wrong_with_it() -> None:
    digest = next(d for d, record in RECORDS.items() if record.stage == "train")
    assert said(job("train")["aigf_trust"]) == {
        "trustLevel": "observed",
        "runRecord": {"sha256": digest},
        "problems": [],
    }
    assert said(job("train", a_source(records={}))["aigf_trust"]) == {
        "trustLevel": "declared",
        "problems": [],
    }
    bad = a_source(lineage=BAD)
    assert job("prepare", bad)["aigf_trust"]["problems"] == []
    assert job("train", bad)["aigf_trust"]["problems"] == [
        {
            "kind": "input",
            "name": "src/train.py",
            "state": "mismatched",
            "reason": "code changed after the run",
        }
    ]


def test_a_run_has_its_parameters_as_texts_and_its_environment() -> None:
    parameters = {p["key"]: p["value"] for p in run("train")["executionParameters"]["parameters"]}
    assert parameters["params.yaml:depth"] == "3"
    assert parameters["params.yaml:api_key"] == "[redacted:secret-name]"
    assert run("train")["aigf_environment"]["environment"]["python"]["version"] == "3.12.1"


def test_without_a_card_nobody_owns_and_nothing_is_described() -> None:
    found = dataset(MODEL, a_source(card={}))
    assert {"ownership", "documentation"}.isdisjoint(found)
    assert "ownership" not in job("train", a_source(card={}))
