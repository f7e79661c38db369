"""A run record is found by content, and is read strictly."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.pipeline import Recorded, StageLock
from aigf_dvc.evidence.run_record import (
    Observed,
    Recorder,
    RunRecord,
    key_of_lock,
    parse_run_record,
    recorded_commands,
    recorded_parameters,
)

DATA, MODEL = "0" * 32, "1" * 32 + ".dir"


def a_record() -> RunRecord:
    return RunRecord(
        stage="train",
        commands=("python train.py",),
        directory="",
        inputs={"data.csv": Observed(md5=DATA, sha256=sha256(b"data"), size=4)},
        parameters={"params.yaml": {"lr": 1e-07, "seed": 2**53 - 1}},
        outputs={"model": Observed(md5=MODEL, sha256=sha256(b"model"), size=5)},
        started=datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC),
        ended=datetime(2026, 1, 31, 12, 0, 9, tzinfo=UTC),
        exit_code=0,
        environment={"python": {"version": "3.11.7"}, "gpuDriver": None},
        recorder=Recorder(name="aigf-dvc", version="1.0"),
    )


def a_lock(
    *,
    command: str = "python train.py",
    data: str = DATA,
    model: str = MODEL,
    rate: float = 1e-07,
    algorithm: str = "md5",
) -> StageLock:
    return StageLock(
        commands=(command,),
        deps={"data.csv": Recorded(path="data.csv", algorithm=algorithm, value=data)},
        outs={"model": Recorded(path="model", algorithm="md5", value=model)},
        parameters={"params.yaml": {"seed": 2**53 - 1, "lr": rate}},
    )


def test_a_record_is_read_back_as_it_was() -> None:
    data = a_record().to_bytes()
    assert parse_run_record(data, where="r").to_bytes() == data
    assert parse_run_record(data, where="r").outputs == a_record().outputs


def test_a_lock_entry_of_the_same_content_has_the_records_key() -> None:
    assert key_of_lock(a_lock()) == a_record().key
    assert key_of_lock(a_lock()) == parse_run_record(a_record().to_bytes(), where="r").key


def test_neither_time_nor_stage_name_changes_the_key() -> None:
    other = replace(a_record(), stage="fit", started=datetime(2020, 1, 1, tzinfo=UTC))
    assert other.key == a_record().key


@pytest.mark.parametrize(
    "other",
    [
        a_lock(command="python train.py --fast"),
        a_lock(data="2" * 32),
        a_lock(model="2" * 32 + ".dir"),
        a_lock(rate=1e-06),
    ],
    ids=["command", "input", "output", "parameter"],
)
def test_any_other_content_has_another_key(other: StageLock) -> None:
    assert key_of_lock(other) != a_record().key


def test_dvc_2_hashes_of_text_never_match() -> None:
    assert key_of_lock(a_lock(algorithm="md5-dos2unix")) is None


def test_commands_and_parameters_are_recorded_without_secrets() -> None:
    token = "hf_" + "a" * 34
    assert token not in recorded_commands((f"curl -H {token}",))[0]
    assert recorded_parameters({"params.yaml": {"api_key": "x", "$number": 1}}) == {
        "params.yaml": {"api_key": {"$redacted": "secret-name"}, "$$number": 1}
    }


def _without(key: str) -> Callable[[dict[str, object]], None]:
    return lambda record: record.__delitem__(key)


def _with(key: str, value: object) -> Callable[[dict[str, object]], None]:
    return lambda record: record.update({key: value})


@pytest.mark.parametrize(
    "spoil",
    [
        _without("inputs"),
        _with("recordType", "https://example.com/other/v1"),
        _with("extra", 1),
        _with("exitCode", 1),
        _with("exitCode", value=False),
        _with("started", "yesterday"),
        _with("ended", "2026-02-30T12:00:00Z"),
        _with("commands", []),
        _with("parameters", {"params.yaml": 1}),
        _with("outputs", {"model": {"md5": MODEL, "sha256": "short", "size": 1}}),
        _with("outputs", {"model": {"md5": "x", "sha256": sha256(b""), "size": 1}}),
        _with("outputs", {"model": {"md5": MODEL, "sha256": sha256(b""), "size": True}}),
        _with("outputs", {"model": {"md5": MODEL, "sha256": sha256(b""), "size": 1, "x": 1}}),
        _with("recorder", {"name": "aigf-dvc"}),
    ],
)
def test_a_record_of_another_form_is_refused(spoil: Callable[[dict[str, object]], None]) -> None:
    value = loads(a_record().to_bytes(), where="r")
    assert isinstance(value, dict)
    record: dict[str, object] = dict(value)
    spoil(record)
    with pytest.raises(UndecidedError, match=r"^runs/x\.json"):
        parse_run_record(dumps(record), where="runs/x.json")


def test_bytes_that_are_not_canonical_are_refused() -> None:
    with pytest.raises(UndecidedError, match="canonical"):
        parse_run_record(a_record().to_bytes() + b"\n", where="r")
