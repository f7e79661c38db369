"""What an export is made from, small and with everything in it, for tests to bend."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import Sha256, md5, sha256
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import (
    Edge,
    EdgeKind,
    EdgeState,
    Lineage,
    StageTrust,
    TrustLevel,
)
from aigf_dvc.evidence.manifest import MANIFEST
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.run_record import Observed, Recorder, RunRecord
from aigf_dvc.report.export_source import ExportSource, Origin, read_export_source

Json = dict[str, Any]  # Any: a document that tests edit at will

COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
REPOSITORY = "git+https://example.com/acme/models.git"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ORIGIN = Origin(repository=REPOSITORY, commit=COMMIT, folder="", at=AT)
MODEL = "models/model.bin"
EXTERNAL = "s3://bucket/extra.csv"
RAW = "data/raw"  # a directory
HOLDOUT = "data/holdout.csv"  # read by the test alone: the model did not learn from it
PACKAGES = {"numpy": "1.26.4", "Torch.Vision": "0.16+cu118"}

CARD: Json = {
    "license": "apache-2.0",
    "pipeline_tag": "tabular-classification",
    "base_model": "acme/base",
    "datasets": ["acme/applications"],
    "tags": ["credit"],
    "library_name": "sklearn",
    "governance": {
        "training_data_source": "applications of 1990",
        "bias_mitigation_strategy": "reweighing",
        "model_card_version": "1.10",
        "responsible_owner": "jane.doe@example.com",
        "intended_use": "teaching",
        "out_of_scope": ["lending"],
        "limitations": "one city",
        "risk_tier": "high",
        "human_oversight": "TODO",
    },
}

STAGES: dict[str, Json] = {
    "evaluate": {
        "command": "python src/evaluate.py",
        "inputs": [HOLDOUT, MODEL, "src/evaluate.py"],
        "outputs": ["metrics.json"],
        "parameters": {"params.yaml": {"seed": 7}},
    },
    "prepare": {
        "command": ["mkdir -p data", "python src/prepare.py"],
        "inputs": [RAW, EXTERNAL, "src/prepare.py"],
        "outputs": ["data/clean.csv"],
        "parameters": {},
    },
    "train": {
        "command": "python src/train.py",
        "inputs": ["data/clean.csv", "src/train.py"],
        "outputs": [MODEL],
        "parameters": {
            "params.yaml": {
                "depth": 3,
                "rate": 1e-05,
                "seed": 6,
                "limit": {"$number": "Infinity"},
                "api_key": {"$redacted": "secret-name"},
                "layers": [64, 2**60],
            }
        },
    },
}
ROLES = {
    MODEL: "model",
    RAW: "dataset",
    HOLDOUT: "dataset",
    "data/clean.csv": "intermediate",
    "metrics.json": "metrics",
}


def content(path: str) -> bytes:
    """Return the bytes that stand at a path."""
    return f"the bytes of {path}".encode()


def observed(path: str) -> Observed:
    ending = ".dir" if path == RAW else ""
    data = content(path)
    return Observed(md5=md5(data) + ending, sha256=sha256(data), size=len(data))


def an_artifact(path: str, **changes: Any) -> Json:  # noqa: ANN401 (fields of an artifact)
    seen = observed(path)
    entry: Json = {
        "name": path,
        "role": ROLES.get(path, "code"),
        "digest": {"sha256": seen.sha256},
        "dvc": {"hash": "md5", "value": seen.md5, "size": seen.size},
    }
    if path == RAW:
        entry["dvc"]["nfiles"] = 2
    return entry | changes


def a_manifest(card: Json | None = None) -> Json:
    paths = {p for stage in STAGES.values() for p in (*stage["inputs"], *stage["outputs"])}
    return {
        "manifestType": MANIFEST,
        "tree": {"digest": {"sha256": sha256(b"tree")}},
        "pipeline": {
            "definitions": [],
            "locks": [],
            "stages": [
                {"name": name, "directory": "", "ran": True, **deepcopy(stage)}
                for name, stage in STAGES.items()
            ],
        },
        "artifacts": [an_artifact(path) for path in sorted(paths)],
        "models": [
            {
                "name": "fraud",
                "path": MODEL,
                "modelCard": {
                    "name": "MODEL_CARD.md",
                    "digest": {"sha256": sha256(b"card")},
                    "fields": CARD if card is None else card,
                },
                "metrics": {},
                "documents": [],
            }
        ],
        "upstream": [],
    }


def a_record(stage: str, **changes: Any) -> RunRecord:  # noqa: ANN401 (fields of a RunRecord)
    known = STAGES[stage]
    second = ["prepare", "train", "evaluate"].index(stage) * 10
    command = known["command"]
    record = RunRecord(
        stage=stage,
        commands=tuple(command) if isinstance(command, list) else (command,),
        directory="",
        inputs={path: observed(path) for path in known["inputs"]},
        parameters=known["parameters"],
        outputs={path: observed(path) for path in known["outputs"]},
        started=AT.replace(hour=8, second=second),
        ended=AT.replace(hour=8, second=second + 9),
        exit_code=0,
        environment={
            "python": {"implementation": "CPython", "version": "3.12.1", "packages": PACKAGES},
            "lockFiles": {"uv.lock": sha256(b"uv.lock"), "odd.lock": "not a digest"},
        },
        recorder=Recorder(name="aigf-dvc", version="0.1.0"),
    )
    return replace(record, **changes)


RECORDS = {sha256(record.to_bytes()): record for record in map(a_record, STAGES)}


def a_lineage(records: Mapping[Sha256, RunRecord] | None = None) -> Lineage:
    """Return a sound lineage; the stages without a record are declared."""
    of_stage = {r.stage: digest for digest, r in (RECORDS if records is None else records).items()}
    return Lineage(
        edges=(
            an_edge(EdgeState.VERIFIED),
            an_edge(EdgeState.RECORDED),
        ),
        stages=tuple(
            StageTrust(
                stage=name,
                level=TrustLevel.OBSERVED if name in of_stage else TrustLevel.DECLARED,
                run_record=of_stage.get(name),
            )
            for name in STAGES
        ),
    )


def an_edge(state: EdgeState) -> Edge:
    reason = "as it should be" if state.is_sound else "code changed after the run"
    return Edge(stage="train", kind=EdgeKind.INPUT, name="src/train.py", state=state, reason=reason)


def some_evidence(**changes: Any) -> ModelEvidence:  # noqa: ANN401 (fields of ModelEvidence)
    evidence = ModelEvidence(
        model="fraud",
        card=read_model_card(b"---\nlicense: apache-2.0\n---\n", path="MODEL_CARD.md"),
        metrics={"fairness_score": Metric(value=0.85, where="metrics.json:fairness_score")},
        documents=(
            GovernanceDocument(type="risk-assessment", path="docs/risk.md", sha256=sha256(b"r")),
            GovernanceDocument(type="bias-analysis", path="docs/bias.md", sha256=sha256(b"b")),
        ),
        lineage=a_lineage(),
    )
    return replace(evidence, **changes)


def a_source(
    manifest: Json | None = None,
    *,
    card: Json | None = None,
    records: Mapping[Sha256, RunRecord] | None = None,
    origin: Origin = ORIGIN,
    files: tuple[ModelFile, ...] = (),
    **changes: Any,  # noqa: ANN401 (fields of ModelEvidence)
) -> ExportSource:
    known = RECORDS if records is None else records
    evidence = some_evidence(**{"lineage": a_lineage(known), **changes})
    return read_export_source(
        evidence,
        dumps(manifest if manifest is not None else a_manifest(card)),
        origin=origin,
        files=files,
        records=known,
    )


def plain(document: object) -> Json:
    """Return a document as whoever reads its bytes has it."""
    read: Any = loads(dumps(document), where="test")
    assert isinstance(read, dict)
    return read
