"""The bill of materials is valid by CycloneDX's own schema, whole, and without loose ends."""

import json
from typing import Any

import pytest
from cyclonedx.model.bom import Bom
from msgspec.structs import replace
from packageurl import PackageURL

from aigf_dvc.canonical import dumps
from aigf_dvc.digests import md5, sha256
from aigf_dvc.evidence.lineage import EdgeState, Lineage
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.report.cyclonedx import cyclonedx_bom
from aigf_dvc.report.export_source import ExportSource
from tests.report.builders import (
    COMMIT,
    HOLDOUT,
    MODEL,
    ORIGIN,
    RAW,
    Json,
    a_lineage,
    a_manifest,
    a_source,
    an_artifact,
    an_edge,
    content,
    plain,
)
from tests.report.standards import cyclonedx_problems, cyclonedx_schema

BASE = f"git+https://example.com/acme/models.git@{COMMIT}"
NUMPY = "pkg:pypi/numpy@1.26.4"
TORCH = "pkg:pypi/torch-vision@0.16%2Bcu118"


def bom(source: ExportSource | None = None) -> Json:
    return plain(cyclonedx_bom(source or a_source()))


def components(source: ExportSource | None = None) -> dict[str, Json]:
    return {item["name"]: item for item in bom(source)["components"]}


def model(source: ExportSource | None = None) -> Json:
    found: Json = bom(source)["metadata"]["component"]
    return found


def properties(item: Json) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in item["properties"]}


def dependencies(document: Json) -> dict[str, list[str]]:
    return {item["ref"]: item["dependsOn"] for item in document["dependencies"]}


SOURCES = {
    "everything": a_source(),
    "no card": a_source(card={}),
    "nothing observed": a_source(records={}),
    "a directory": replace(
        a_source(),
        files=tuple(ModelFile(name=f"{MODEL}/{n}", sha256=sha256(b"x")) for n in ("a", "b")),
    ),
    "no remote, in a folder": a_source(origin=replace(ORIGIN, repository=None, folder="ml")),
}


@pytest.mark.parametrize("name", SOURCES)
def test_the_schema_accepts_it_and_it_has_no_loose_ends(name: str) -> None:
    assert cyclonedx_problems(json.loads(dumps(bom(SOURCES[name])))) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("components", 0, "bom-ref"), "path:data/raw"),
        (("dependencies", 0, "dependsOn"), ["nowhere"]),
        (("metadata", "component", "modelCard", "modelParameters", "datasets", 0, "ref"), "no"),
    ],
)
def test_a_loose_end_would_be_noticed(path: tuple[str | int, ...], value: object) -> None:
    assert cyclonedx_problems(edited(path, value))


def edited(path: tuple[str | int, ...], value: object) -> Json:
    document: Json = json.loads(dumps(bom()))
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("metadata", "component", "modelCard", "colour"), "red"),
        (("metadata", "component", "hashes", 0, "content"), "0" * 32 + ".dir"),
        (("metadata", "component", "licenses", 0, "license", "id"), "apache-2.0"),
        (("formulation", 0, "workflows", 0, "tasks", 0, "uid"), 7),
    ],
)
def test_the_schema_would_notice(path: tuple[str | int, ...], value: object) -> None:
    assert not cyclonedx_schema().is_valid(edited(path, value))


@pytest.mark.parametrize("name", SOURCES)
def test_the_cyclonedx_library_reads_it(name: str) -> None:
    document = json.loads(dumps(bom(SOURCES[name])))
    read = Bom.from_json(document)  # type: ignore[attr-defined]  # added by a decorator
    assert read.validate()
    assert len(read.components) == len(document["components"])
    assert str(read.serial_number) == document["serialNumber"].removeprefix("urn:uuid:")


@pytest.mark.parametrize("name", SOURCES)
def test_every_component_has_its_dependencies(name: str) -> None:
    document = bom(SOURCES[name])
    listed = {item["bom-ref"] for item in document["components"]}
    assert set(dependencies(document)) == listed | {model(SOURCES[name])["bom-ref"]}


def test_the_model_is_the_subject_and_stands_nowhere_else() -> None:
    document = bom()
    subject = document["metadata"]["component"]
    assert subject["type"] == "machine-learning-model"
    assert subject["name"] == "fraud"
    assert subject["hashes"] == [
        {"alg": "MD5", "content": md5(content(MODEL))},
        {"alg": "SHA-256", "content": sha256(content(MODEL))},
    ]
    assert MODEL not in components()


def test_the_model_says_what_the_commit_and_the_lineage_are() -> None:
    found = properties(model())
    assert found["aigf:path"] == MODEL
    assert found["aigf:gitCommit"] == COMMIT
    assert found["aigf:treeDigest"] == f"sha256:{sha256(b'tree')}"
    assert found["aigf:lineageManifest"] == f"sha256:{sha256(dumps(a_manifest()))}"
    assert found["aigf:trustLevel"] == "observed"
    assert found["aigf:edges.verified"] == "1"
    assert properties(model(a_source(records={})))["aigf:trustLevel"] == "declared"
    lineage = Lineage(edges=(an_edge(EdgeState.MISMATCHED),), stages=a_lineage().stages)
    assert properties(model(a_source(lineage=lineage)))["aigf:edges.mismatched"] == "1"


def test_the_files_of_a_model_directory_are_parts_of_it() -> None:
    parts = model(SOURCES["a directory"])["components"]
    assert [part["name"] for part in parts] == [f"{MODEL}/a", f"{MODEL}/b"]
    assert parts[0]["hashes"] == [{"alg": "SHA-256", "content": sha256(b"x")}]
    assert "components" not in model()


def test_the_data_has_its_place_its_owner_and_its_digests() -> None:
    found = components()[HOLDOUT]
    assert found["type"] == "data"
    assert found["hashes"][1] == {"alg": "SHA-256", "content": sha256(content(HOLDOUT))}
    assert found["data"] == [
        {
            "type": "dataset",
            "name": HOLDOUT,
            "contents": {"url": f"{BASE}#data/holdout.csv"},
            "governance": {
                "owners": [
                    {"contact": {"name": "jane.doe@example.com", "email": "jane.doe@example.com"}}
                ]
            },
        }
    ]


def test_a_directory_of_data_has_no_hash_of_a_file() -> None:
    raw = components()[RAW]
    assert "hashes" not in raw
    assert properties(raw)["aigf:directoryDigest"] == f"sha256:{sha256(content(RAW))}"
    assert properties(raw)["aigf:dvc.value"].endswith(".dir")
    assert properties(raw)["aigf:dvc.nfiles"] == "2"


@pytest.mark.parametrize(
    "dvc",
    [
        {"hash": "md5-dos2unix", "value": "0" * 32},
        {"hash": "etag", "value": "0" * 32},
        {"hash": "md5", "value": "not a digest"},
    ],
)
def test_a_hash_that_does_not_name_bytes_is_no_md5(dvc: Json) -> None:
    manifest = a_manifest()
    manifest["artifacts"] = [
        an_artifact(HOLDOUT, dvc=dvc) if item["name"] == HOLDOUT else item
        for item in manifest["artifacts"]
    ]
    algorithms = [entry["alg"] for entry in components(a_source(manifest))[HOLDOUT]["hashes"]]
    assert algorithms == ["SHA-256"]


def test_what_no_run_recorded_has_no_hash() -> None:
    manifest = a_manifest()
    del next(item for item in manifest["artifacts"] if item["name"] == HOLDOUT)["dvc"]
    assert "hashes" not in components(a_source(manifest, records={}))[HOLDOUT]


def test_code_is_a_file_and_metrics_are_data_of_another_kind() -> None:
    found = components()
    assert found["src/train.py"]["type"] == "file"
    assert "data" not in found["src/train.py"]
    assert found["metrics.json"]["data"][0]["type"] == "other"
    assert "governance" not in found["metrics.json"]["data"][0]


def test_the_packages_are_those_of_the_observed_runs() -> None:
    found = components()
    assert found["numpy"]["purl"] == found["numpy"]["bom-ref"] == NUMPY
    assert found["torch-vision"]["purl"] == TORCH
    read = PackageURL.from_string(TORCH)
    assert (read.name, read.version) == ("torch-vision", "0.16+cu118")
    assert found["numpy"]["version"] == "1.26.4"
    assert found["CPython"]["type"] == "platform"
    assert found["CPython"]["version"] == "3.12.1"
    assert "numpy" not in components(a_source(records={}))


def test_what_was_made_depends_on_what_went_in_and_the_model_on_the_packages_too() -> None:
    needs = dependencies(bom())
    assert needs[f"path:{MODEL}"] == sorted(
        ["path:data/clean.csv", "path:src/train.py", NUMPY, TORCH, "platform:CPython@3.12.1"]
    )
    assert needs["path:data/clean.csv"] == sorted(
        [f"path:{RAW}", "path:s3://bucket/extra.csv", "path:src/prepare.py"]
    )
    assert needs[f"path:{RAW}"] == []


def test_a_part_of_an_output_depends_on_it() -> None:
    manifest = a_manifest()
    train = next(s for s in manifest["pipeline"]["stages"] if s["name"] == "train")
    train["inputs"] = ["data/clean.csv/part", "src/train.py"]
    manifest["artifacts"].append(an_artifact("data/clean.csv/part"))
    needs = dependencies(bom(a_source(manifest, records={})))
    assert needs["path:data/clean.csv/part"] == ["path:data/clean.csv"]


def test_the_references_are_the_repository_the_card_and_the_documents() -> None:
    found = {item["url"]: item for item in model()["externalReferences"]}
    assert {url: item["type"] for url, item in found.items()} == {
        BASE: "vcs",
        f"{BASE}#MODEL_CARD.md": "model-card",
        f"{BASE}#docs/risk.md": "risk-assessment",
        f"{BASE}#docs/bias.md": "documentation",
    }
    assert found[f"{BASE}#docs/bias.md"]["comment"] == "bias-analysis"
    assert found[f"{BASE}#docs/risk.md"]["hashes"] == [{"alg": "SHA-256", "content": sha256(b"r")}]


def test_the_serial_number_is_that_of_the_content() -> None:
    assert bom()["serialNumber"] == bom()["serialNumber"]
    assert bom()["serialNumber"] != bom(SOURCES["no card"])["serialNumber"]
    assert bom()["metadata"]["timestamp"] == "2026-11-20T09:30:00Z"


def test_the_form_and_its_version_are_named() -> None:
    document = bom()
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["$schema"] == "http://cyclonedx.org/schema/bom-1.6.schema.json"
