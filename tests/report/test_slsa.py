"""Provenance is what verifiers take: held against their own models."""

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from sigstore.dsse import Statement as SigstoreStatement
from sigstore.dsse._predicate import SLSAPredicateV1_0

from aigf_dvc.canonical import dumps
from aigf_dvc.digests import md5, sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import EdgeState, Lineage
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.report.export_source import ExportSource
from aigf_dvc.report.slsa import BUILD_TYPE, LOCAL_BUILDER, PREDICATE, slsa_statement
from tests.report.builders import (
    AT,
    COMMIT,
    EXTERNAL,
    HOLDOUT,
    MODEL,
    ORIGIN,
    RAW,
    RECORDS,
    Json,
    a_lineage,
    a_manifest,
    a_record,
    a_source,
    an_artifact,
    an_edge,
    content,
    plain,
)

BASE = f"git+https://example.com/acme/models.git@{COMMIT}"


def statement(source: ExportSource | None = None) -> Json:
    return plain(slsa_statement(source or a_source()))


def definition(source: ExportSource | None = None) -> Json:
    found: Json = statement(source)["predicate"]["buildDefinition"]
    return found


def details(source: ExportSource | None = None) -> Json:
    found: Json = statement(source)["predicate"]["runDetails"]
    return found


def resources(items: list[Json]) -> dict[str, Json]:
    return {item["name"] if "name" in item else item["uri"]: item for item in items}


def untyped(module: str) -> Any:  # noqa: ANN401 (a library without types)
    return importlib.import_module(module)


def digest_sets(value: Any) -> Iterator[Json]:  # noqa: ANN401 (a JSON document)
    if isinstance(value, dict):
        if isinstance(value.get("digest"), dict):
            yield value["digest"]
        for item in value.values():
            yield from digest_sets(item)
    elif isinstance(value, list):
        for item in value:
            yield from digest_sets(item)


def test_sigstore_takes_the_statement_and_the_predicate() -> None:
    document = slsa_statement(a_source())
    SigstoreStatement(dumps(document))
    SLSAPredicateV1_0.model_validate(document["predicate"])


def test_the_in_toto_library_takes_the_statement_and_the_predicate() -> None:
    document = statement()
    json_format = untyped("google.protobuf.json_format")
    statements = untyped("in_toto_attestation.v1.statement_pb2")
    provenance = untyped("in_toto_attestation.predicates.provenance.v1.provenance_pb2")
    in_toto = untyped("in_toto_attestation.v1.statement").Statement
    descriptor = untyped("in_toto_attestation.v1.resource_descriptor").ResourceDescriptor
    text = dumps(document).decode()
    in_toto.copy_from_pb(json_format.Parse(text, statements.Statement())).validate()
    predicate = dumps(document["predicate"]).decode()
    read = json_format.Parse(predicate, provenance.Provenance())
    every = (*read.build_definition.resolved_dependencies, *read.run_details.byproducts)
    assert len(every) == len(definition()["resolvedDependencies"]) + len(details()["byproducts"])
    for item in every:
        descriptor.copy_from_pb(item).validate()


def test_every_digest_is_hexadecimal_and_of_a_kind_that_verifiers_take() -> None:
    found = list(digest_sets(statement()))
    assert found
    for digest in found:
        ((algorithm, value),) = digest.items()
        assert algorithm in ("sha256", "gitCommit")
        assert re.fullmatch(r"[0-9a-f]{64}" if algorithm == "sha256" else r"[0-9a-f]{40}", value)


def test_the_subject_is_the_model() -> None:
    document = statement()
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == PREDICATE == "https://slsa.dev/provenance/v1"
    assert document["subject"] == [{"name": MODEL, "digest": {"sha256": sha256(content(MODEL))}}]


def test_a_directory_is_the_exact_set_of_its_files() -> None:
    files = tuple(ModelFile(name=f"net/{n}", sha256=sha256(n.encode())) for n in ("b", "a"))
    assert [item["name"] for item in statement(replace(a_source(), files=files))["subject"]] == [
        "net/a",
        "net/b",
    ]


def test_the_parameters_are_kept_per_stage_and_as_they_are() -> None:
    parameters = definition()["externalParameters"]["parameters"]
    assert parameters["train"]["params.yaml"]["seed"] == 6
    assert parameters["evaluate"]["params.yaml"]["seed"] == 7
    assert "prepare" not in parameters
    train = json.dumps(slsa_statement(a_source()), default=str)
    assert '"depth": 3' in train
    assert "1152921504606846976" in dumps(slsa_statement(a_source())).decode()
    assert parameters["train"]["params.yaml"]["api_key"] == {"$redacted": "secret-name"}


def test_the_build_names_its_kind_its_source_and_its_model() -> None:
    found = definition()
    assert found["buildType"] == BUILD_TYPE
    assert found["externalParameters"]["source"] == BASE
    assert found["externalParameters"]["model"] == MODEL


def test_the_stages_stand_in_running_order_with_commands_and_records() -> None:
    stages = definition()["internalParameters"]["stages"]
    assert [stage["name"] for stage in stages] == ["prepare", "train", "evaluate"]
    first = stages[0]
    assert first["commands"] == ["mkdir -p data", "python src/prepare.py"]
    assert first["startedOn"] == "2026-11-20T08:30:00Z"
    assert first["finishedOn"] == "2026-11-20T08:30:09Z"
    assert first["runRecord"]["sha256"] in RECORDS
    assert RECORDS[first["runRecord"]["sha256"]].stage == "prepare"
    assert first["recorder"] == {"name": "aigf-dvc", "version": "0.1.0"}


def test_the_dependencies_are_all_that_came_from_outside_and_nothing_else() -> None:
    found = resources(definition()["resolvedDependencies"])
    code = {"src/evaluate.py", "src/prepare.py", "src/train.py"}
    packages = {"pkg:pypi/numpy@1.26.4", "pkg:pypi/torch-vision@0.16%2Bcu118"}
    assert set(found) == {BASE, RAW, EXTERNAL, HOLDOUT, "uv.lock", *code, *packages}
    assert found[BASE]["digest"] == {"gitCommit": COMMIT}
    assert found["src/train.py"] == {
        "name": "src/train.py",
        "uri": f"{BASE}#src/train.py",
        "digest": {"sha256": sha256(content("src/train.py"))},
        "annotations": {
            "role": "code",
            "dvc": {
                "hash": "md5",
                "value": md5(content("src/train.py")),
                "size": len(content("src/train.py")),
            },
        },
    }
    assert found["uv.lock"]["digest"] == {"sha256": sha256(b"uv.lock")}


def test_a_directory_of_data_has_a_uri_and_no_digest_of_a_file() -> None:
    raw = resources(definition()["resolvedDependencies"])[RAW]
    assert "digest" not in raw
    assert raw["uri"] == f"{BASE}#data/raw"
    assert raw["annotations"]["dirHash"] == sha256(content(RAW))
    assert raw["annotations"]["dvc"]["value"].endswith(".dir")


def test_data_from_elsewhere_keeps_its_own_uri_and_is_data() -> None:
    extra = resources(definition()["resolvedDependencies"])[EXTERNAL]
    assert extra["uri"] == EXTERNAL
    assert extra["annotations"]["role"] == "dataset"


def test_the_byproducts_are_all_else_that_was_made_and_the_documents() -> None:
    found = resources(details()["byproducts"])
    assert {name: item.get("annotations", {}).get("role") for name, item in found.items()} == {
        "data/clean.csv": "intermediate",
        "metrics.json": "metrics",
        "MODEL_CARD.md": "model-card",
        "docs/risk.md": "risk-assessment",
        "docs/bias.md": "bias-analysis",
        "lineage-manifest.json": None,
    }
    assert found["lineage-manifest.json"]["digest"] == {"sha256": sha256(dumps(a_manifest()))}
    assert found["docs/risk.md"]["digest"] == {"sha256": sha256(b"r")}


def test_the_run_lasts_from_the_first_stage_to_the_last() -> None:
    metadata = details()["metadata"]
    assert metadata["startedOn"] == "2026-11-20T08:30:00Z"
    assert metadata["finishedOn"] == "2026-11-20T08:30:29Z"


def test_the_same_runs_have_the_same_invocation_and_others_another() -> None:
    first = details()["metadata"]["invocationId"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f-]{17}", first)
    assert details(a_source(card={}))["metadata"]["invocationId"] == first
    later = a_record("train", ended=AT.replace(hour=9))
    others = {d: r for d, r in RECORDS.items() if r.stage != "train"}
    records = {**others, sha256(later.to_bytes()): later}
    assert details(a_source(records=records))["metadata"]["invocationId"] != first


def test_the_builder_is_some_machine_unless_the_caller_vouches_for_one() -> None:
    assert details()["builder"] == {"id": LOCAL_BUILDER}
    assert "local-machine" in LOCAL_BUILDER
    named = plain(slsa_statement(a_source(), builder="https://ci.example.com/train"))
    assert named["predicate"]["runDetails"]["builder"] == {"id": "https://ci.example.com/train"}


def test_a_repository_without_a_remote_is_known_by_its_commit() -> None:
    found = definition(a_source(origin=replace(ORIGIN, repository=None)))
    assert found["resolvedDependencies"][0]["uri"] == f"git:{COMMIT}"


@pytest.mark.parametrize("missing", ["prepare", "train", "evaluate"])
def test_one_stage_that_nobody_observed_is_refused(missing: str) -> None:
    records = {digest: record for digest, record in RECORDS.items() if record.stage != missing}
    with pytest.raises(RefusedError, match=missing) as refused:
        slsa_statement(a_source(records=records))
    assert "aigf repro" in refused.value.hint
    assert refused.value.exit_code == 1


def test_a_lineage_without_stages_is_refused() -> None:
    with pytest.raises(RefusedError, match="observed"):
        slsa_statement(a_source(lineage=None))


@pytest.mark.parametrize("state", [EdgeState.MISMATCHED, EdgeState.MISSING])
def test_a_commit_that_is_not_what_was_run_is_refused(state: EdgeState) -> None:
    lineage = Lineage(edges=(an_edge(state),), stages=a_lineage().stages)
    with pytest.raises(RefusedError, match="code changed after the run"):
        slsa_statement(a_source(lineage=lineage))


def test_a_model_of_unknown_bytes_cannot_be_spoken_of() -> None:
    manifest = a_manifest()
    directory = {"hash": "md5", "value": "0" * 32 + ".dir", "size": 1, "nfiles": 1}
    manifest["artifacts"] = [
        an_artifact(MODEL, dvc=directory) if item["name"] == MODEL else item
        for item in manifest["artifacts"]
    ]
    with pytest.raises(UndecidedError, match="SHA-256"):
        slsa_statement(a_source(manifest))
