"""Only a signed record of the very run that the manifest names makes a stage observed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import LineageVerification, ModelKind, Statement
from aigf_dvc.attestation.observation import SignedRecord, observe_again
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.canonical import dumps
from aigf_dvc.digests import Sha256, sha256, tree_digest
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import EdgeState, StageTrust, TrustLevel
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.run_record import Observed, Recorder, RunRecord
from tests.attestation.builders import MODEL_FILES, a_deployment

MODEL, METRICS = "models/fraud.pkl", "metrics.json"
BYTES = {"clean.csv": b"clean", "raw.csv": b"raw", MODEL: b"the model", METRICS: b"{}"}
OBSERVER = "sha256:box"


def seen(path: str, data: bytes | None = None) -> Observed:
    content = BYTES[path] if data is None else data
    return Observed(md5=path.encode().hex()[:8] * 4, sha256=sha256(content), size=len(content))


def a_run(stage: str, inputs: list[str], outputs: list[str]) -> RunRecord:
    at = datetime(2026, 1, 31, tzinfo=UTC)
    return RunRecord(
        stage=stage,
        commands=(f"make {stage}",),
        directory="",
        inputs={path: seen(path) for path in inputs},
        parameters={"params.yaml": {"rate": 0.1}},
        outputs={path: seen(path) for path in outputs},
        started=at,
        ended=at,
        exit_code=0,
        environment={},
        recorder=Recorder(name="aigf-dvc", version="1.0"),
    )


RUNS = {
    "prepare": a_run("prepare", ["raw.csv"], ["clean.csv"]),
    "train": a_run("train", ["clean.csv"], [MODEL]),
    "evaluate": a_run("evaluate", [MODEL], [METRICS]),
}
ROLES = {"clean.csv": "intermediate", "raw.csv": "dataset", MODEL: "model", METRICS: "metrics"}


def manifest(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any part of a manifest)
    stages = [
        {
            "name": run.stage,
            "command": run.commands[0],
            "directory": run.directory,
            "inputs": sorted(run.inputs),
            "outputs": sorted(run.outputs),
            "parameters": {"params.yaml": {"rate": 0.1}},
            "ran": True,
        }
        for run in RUNS.values()
    ]
    artifacts = [
        {
            "name": path,
            "role": ROLES[path],
            "digest": {"sha256": seen(path).sha256},
            "dvc": {"hash": "md5", "value": seen(path).md5},
        }
        for path in BYTES
    ]
    return {"pipeline": {"stages": stages}, "artifacts": artifacts, **changes}


def observed(
    records: Mapping[str, RunRecord] = RUNS,
    *,
    listed: tuple[str, ...] = tuple(RUNS),
    document: dict[str, Any] | None = None,
    files: tuple[ModelFile, ...] = MODEL_FILES,
    kind: ModelKind = ModelKind.FILE,
) -> Observation:
    """Judge an attestation that names these records as evidence of the listed stages."""
    stages = tuple(
        StageTrust(stage=name, level=TrustLevel.OBSERVED, run_record=sha256(name.encode()))
        for name in listed
    )
    deployment = a_deployment(
        path=MODEL,
        kind=kind,
        lineage_verification=LineageVerification(
            edges=dict.fromkeys(EdgeState, 0), stages=stages, problems=()
        ),
    )

    def signed(digest: Sha256) -> SignedRecord:
        name = next(name for name in RUNS if sha256(name.encode()) == digest)
        if name not in records:
            raise RefusedError("signed by nobody")
        return SignedRecord(record=records[name], observer=OBSERVER)

    return observe_again(
        Statement(predicate_type="x", subjects=files, predicate={}),
        deployment,
        manifest=dumps(manifest() if document is None else document),
        signed=signed,
    )


def test_stages_whose_runs_were_signed_are_observed_and_say_by_whom() -> None:
    found = observed()
    assert found.level is TrustLevel.OBSERVED
    assert {stage.stage: stage.observer for stage in found.stages} == dict.fromkeys(RUNS, OBSERVER)
    assert found.reasons == {}


def test_one_stage_that_nobody_signed_is_declared_and_named() -> None:
    found = observed({name: run for name, run in RUNS.items() if name != "prepare"})
    assert found.level is TrustLevel.DECLARED
    assert found.reasons == {"prepare": "signed by nobody"}


@pytest.mark.parametrize(
    "other",
    [
        replace(RUNS["train"], commands=("make train --fast",)),
        replace(RUNS["train"], directory="sub"),
        replace(RUNS["train"], parameters={"params.yaml": {"rate": 0.2}}),
        replace(RUNS["train"], inputs={"clean.csv": replace(seen("clean.csv"), md5="9" * 32)}),
        replace(RUNS["train"], outputs={MODEL: replace(seen(MODEL), md5="9" * 32)}),
        RUNS["prepare"],
    ],
    ids=["command", "directory", "parameter", "input", "output", "another stage's"],
)
def test_a_record_of_another_run_does_not_count(other: RunRecord) -> None:
    found = observed({**RUNS, "train": other})
    assert found.level is TrustLevel.DECLARED
    assert found.reasons == {"train": "its run record is of another run"}


def test_two_inputs_with_one_md5_are_told_apart() -> None:
    forged = replace(RUNS["train"], inputs={"clean.csv": seen("clean.csv", b"poisoned")})
    assert "other bytes of clean.csv" in observed({**RUNS, "train": forged}).reasons["train"]


def test_a_record_of_another_model_with_the_same_md5_does_not_count() -> None:
    other = manifest()
    for artifact in other["artifacts"]:
        artifact["digest"] = {"sha256": None}  # bytes that nobody saw: the subject must tell
    forged = replace(RUNS["train"], outputs={MODEL: seen(MODEL, b"swapped")})
    found = observed({**RUNS, "train": forged}, document=other)
    assert found.reasons == {"train": "its run record is of another model"}
    assert observed(document=other).level is TrustLevel.OBSERVED


def test_the_model_of_a_directory_is_compared_by_its_tree() -> None:
    files = (ModelFile(name=f"{MODEL}/w", sha256=sha256(b"w")),)
    tree = tree_digest([(b"w", sha256(b"w"))])
    document = manifest()
    for artifact in document["artifacts"]:
        if artifact["name"] == MODEL:
            artifact["digest"] = {"sha256": tree}
    train = replace(RUNS["train"], outputs={MODEL: replace(seen(MODEL), sha256=tree)})
    evaluate = replace(RUNS["evaluate"], inputs={MODEL: replace(seen(MODEL), sha256=tree)})
    records = {**RUNS, "train": train, "evaluate": evaluate}

    def level(subjects: tuple[ModelFile, ...]) -> TrustLevel:
        return observed(records, document=document, files=subjects, kind=ModelKind.DIRECTORY).level

    assert level(files) is TrustLevel.OBSERVED
    more = (*files, ModelFile(name=f"{MODEL}/x", sha256=sha256(b"x")))
    assert level(more) is TrustLevel.DECLARED


@pytest.mark.parametrize("left_out", list(RUNS))
def test_a_stage_that_the_attester_left_out_is_judged_all_the_same(left_out: str) -> None:
    found = observed(listed=tuple(name for name in RUNS if name != left_out))
    assert found.reasons == {left_out: "no run record"}


def test_a_stage_that_the_manifest_does_not_have_is_declared() -> None:
    found = observed({**RUNS, "train": RUNS["train"]}, document=manifest(pipeline=_only("train")))
    assert found.reasons["prepare"] == "the manifest has no such stage"


def _only(name: str) -> dict[str, Any]:
    stages = manifest()["pipeline"]["stages"]
    return {"stages": [stage for stage in stages if stage["name"] == name]}


def test_a_manifest_without_the_models_stage_is_refused() -> None:
    with pytest.raises(RefusedError, match="no stage of the manifest"):
        observed(document=manifest(pipeline=_only("prepare")))


def test_what_has_no_md5_can_not_be_observed() -> None:
    document = manifest()
    for artifact in document["artifacts"]:
        if artifact["name"] == "raw.csv":
            artifact["dvc"] = {"hash": "etag", "value": "abc"}
    assert "raw.csv has no MD5" in observed(document=document).reasons["prepare"]


@pytest.mark.parametrize(
    "spoil",
    [
        {"artifacts": [{"name": 1}]},
        {"pipeline": {"stages": [{"name": "x", "command": 1}]}},
        {"pipeline": []},
    ],
)
def test_a_manifest_of_another_form_is_refused(spoil: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        observed(document=manifest(**spoil))


def test_evidence_that_is_not_at_hand_is_undecided() -> None:
    def missing(_: Sha256) -> SignedRecord:
        raise UndecidedError("not at hand")

    stages = (StageTrust(stage="train", level=TrustLevel.OBSERVED, run_record=sha256(b"train")),)
    deployment = a_deployment(
        lineage_verification=LineageVerification(
            edges=dict.fromkeys(EdgeState, 0), stages=stages, problems=()
        )
    )
    with pytest.raises(UndecidedError):
        observe_again(
            Statement(predicate_type="x", subjects=MODEL_FILES, predicate={}),
            deployment,
            manifest=dumps(manifest()),
            signed=missing,
        )
