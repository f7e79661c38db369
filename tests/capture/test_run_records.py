"""A record counts only when its own content has the key that it is looked up by."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aigf_dvc.capture.run_records import (
    FOLDER,
    find_run_record,
    local_record,
    stage_trust,
)
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.dvc_lock import read_lock
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.run_record import Observed, Recorder, RunRecord
from tests.playground import run

MODEL = "1" * 32


def a_record(*, directory: str = "") -> RunRecord:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    return RunRecord(
        stage="train",
        commands=("make model",),
        directory=directory,
        inputs={},
        parameters={},
        outputs={"model": Observed(md5=MODEL, sha256=sha256(b"model"), size=5)},
        started=now,
        ended=now,
        exit_code=0,
        environment={},
        recorder=Recorder(name="aigf-dvc", version="1.0"),
    )


def a_pipeline(*, model: str = MODEL) -> Pipeline:
    train = {"cmd": "make model", "outs": ["model"]}
    stages = read_definition({"stages": {"train": train}}, file="dvc.yaml")
    entry = {"cmd": "make model", "outs": [{"path": "model", "hash": "md5", "md5": model}]}
    lock = {"schema": "2.0", "stages": {"train": entry}}
    return Pipeline(
        stages=stages,
        locks=read_lock(lock, file="dvc.lock", stages=stages),
        tracked={},
        definitions=("dvc.yaml",),
        lock_files=("dvc.lock",),
        dvc_files=(),
    )


def keep(root: Path, data: bytes, key: Sha256) -> None:
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{key}.json").write_bytes(data)


DECLARED = StageTrust(stage="train", level=TrustLevel.DECLARED)


@pytest.mark.usefixtures("home")
def test_a_lock_entry_with_a_record_is_observed(tmp_path: Path) -> None:
    run(["git", "init", "--quiet"], tmp_path)
    data = a_record().to_bytes()
    keep(tmp_path, data, a_record().key)
    assert stage_trust(a_pipeline(), "train", tmp_path) == StageTrust(
        stage="train", level=TrustLevel.OBSERVED, run_record=sha256(data)
    )
    found = local_record(a_pipeline(), "train", tmp_path)
    assert found is not None
    assert (found.data, found.record.key) == (data, a_record().key)


def test_a_lock_entry_without_a_record_is_declared(tmp_path: Path) -> None:
    assert stage_trust(a_pipeline(), "train", tmp_path) == DECLARED
    keep(tmp_path, a_record().to_bytes(), a_record().key)
    assert stage_trust(a_pipeline(model="2" * 32), "train", tmp_path) == DECLARED


def test_a_run_in_another_folder_does_not_count(tmp_path: Path) -> None:
    record = a_record(directory="sub")
    keep(tmp_path, record.to_bytes(), record.key)
    assert stage_trust(a_pipeline(), "train", tmp_path) == DECLARED


def test_a_stage_that_never_ran_is_declared(tmp_path: Path) -> None:
    pipeline = Pipeline(
        stages=a_pipeline().stages,
        locks={},
        tracked={},
        definitions=("dvc.yaml",),
        lock_files=(),
        dvc_files=(),
    )
    assert stage_trust(pipeline, "train", tmp_path) == DECLARED


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", a_record().to_bytes()[:-1]])
def test_a_corrupt_record_counts_as_none_and_is_reported(
    data: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(tmp_path, data, a_record().key)
    assert find_run_record(tmp_path, a_record().key) is None
    assert a_record().key in caplog.text


def test_a_record_under_another_key_counts_as_none_and_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = sha256(b"another run")
    keep(tmp_path, a_record().to_bytes(), other)
    assert find_run_record(tmp_path, other) is None
    assert "records another run" in caplog.text
