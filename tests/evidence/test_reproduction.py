"""A reproduction record says what follows from its digests and numbers, and nothing else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.reproduction import (
    ComparedMetric,
    ComparedOutput,
    Digests,
    ReproducedStage,
    Reproduction,
    Result,
    comparable,
    parse_reproduction,
)
from aigf_dvc.evidence.run_record import Recorder

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TENTH = Decimal("0.1")
OBSERVED, DECLARED = TrustLevel.OBSERVED, TrustLevel.DECLARED


def digests(letter: str) -> Digests:
    return Digests(md5=letter * 32, sha256=sha256(letter.encode()))


def a_reproduction(
    *, made: str = "a", metric: ComparedMetric | None = None, name: str = "auc"
) -> Reproduction:
    output = ComparedOutput(name="model.bin", recorded=digests("a"), made=digests(made))
    stage = ReproducedStage(
        name="train",
        key=sha256(b"lock"),
        directory="",
        inputs=(),
        outputs=(output,),
        run_record=None,
    )
    return Reproduction(
        model="scorer",
        tree=sha256(b"tree"),
        stages=(stage,),
        metrics={name: metric} if metric else {},
        environment={"python": {"version": "3.11"}},
        started=AT,
        ended=AT,
        recorder=Recorder(name="aigf-dvc", version="1.0"),
    )


def a_metric(recorded: str | None, made: str | None) -> ComparedMetric:
    return ComparedMetric(
        recorded=None if recorded is None else Decimal(recorded),
        made=None if made is None else Decimal(made),
    )


def test_the_same_bytes_are_identical_whatever_the_numbers_say() -> None:
    record = a_reproduction(metric=a_metric("0.9", "0.1"))
    assert record.result_under({}) is Result.IDENTICAL
    assert record.result_under({"auc": TENTH}) is Result.IDENTICAL


@pytest.mark.parametrize("part", ["md5", "sha256"])
def test_one_other_digest_is_not_identical(part: str) -> None:
    other = replace(digests("a"), **{part: getattr(digests("b"), part)})
    assert not ComparedOutput(name="x", recorded=digests("a"), made=other).is_identical


def test_a_run_that_made_nothing_is_not_identical() -> None:
    record = replace(a_reproduction(), stages=())
    assert record.result_under({"auc": TENTH}) is Result.DIFFERENT


@pytest.mark.parametrize(
    ("recorded", "made", "tolerance", "result"),
    [
        ("0.9", "0.8", {"auc": TENTH}, Result.WITHIN_TOLERANCE),
        ("0.9", "1", {"auc": TENTH}, Result.WITHIN_TOLERANCE),
        ("0.9", "0.79999999999999999", {"auc": TENTH}, Result.DIFFERENT),
        ("0.9", "0.9", {}, Result.DIFFERENT),  # nobody has said that numbers may stand for bytes
        ("0.9", "0.9", {"other": TENTH}, Result.DIFFERENT),  # it is not there
        (None, "0.9", {"auc": TENTH}, Result.DIFFERENT),
        ("0.9", None, {"auc": TENTH}, Result.DIFFERENT),
    ],
)
def test_other_bytes_need_near_numbers_and_a_tolerance(
    recorded: str | None, made: str | None, tolerance: dict[str, Decimal], result: Result
) -> None:
    record = a_reproduction(made="b", metric=a_metric(recorded, made))
    assert record.result_under(tolerance) is result


def test_a_metric_without_a_tolerance_must_be_equal() -> None:
    metrics = {"auc": a_metric("0.9", "0.95"), "loss": a_metric("0.30", "0.3")}
    record = replace(a_reproduction(made="b"), metrics=metrics)
    assert record.result_under({"auc": TENTH}) is Result.WITHIN_TOLERANCE
    assert record.result_under({"loss": TENTH}) is Result.DIFFERENT


def test_its_own_result_uses_the_tolerance_of_its_time() -> None:
    metric = replace(a_metric("0.9", "0.95"), tolerance=TENTH)
    record = a_reproduction(made="b", metric=metric)
    assert record.result is Result.WITHIN_TOLERANCE
    assert record.result_under({"auc": Decimal("0.01")}) is Result.DIFFERENT


def test_a_stage_is_reproduced_by_the_same_bytes_from_the_same_bytes_alone() -> None:
    record = a_reproduction(made="b", metric=a_metric("0.9", "0.1"))
    (train,) = record.stages
    same = ComparedOutput(name="report", recorded=digests("c"), made=digests("c"))
    apart = replace(train, name="apart", outputs=(same,))
    after = replace(apart, name="after", inputs=("model.bin",))
    record = replace(record, stages=(train, apart, after))
    assert [s.name for s in record.stages if record.reproduces(s, OBSERVED, {})] == ["apart"]
    assert [s.name for s in record.stages if record.reproduces(s, DECLARED, {})] == ["apart"]


def test_near_numbers_reproduce_what_was_observed_and_nothing_else() -> None:
    record = a_reproduction(made="b", metric=a_metric("0.9", "0.95"))
    (train,) = record.stages
    assert record.reproduces(train, OBSERVED, {"auc": TENTH})
    assert not record.reproduces(train, OBSERVED, {"auc": Decimal("0.01")})
    assert not record.reproduces(train, OBSERVED, {})
    assert not record.reproduces(train, DECLARED, {"auc": TENTH})


def test_a_record_is_read_as_it_was_written() -> None:
    metric = ComparedMetric(recorded=Decimal("1E+2"), made=None, tolerance=Decimal("0.10"))
    for record in (a_reproduction(), a_reproduction(made="b", metric=metric)):
        assert parse_reproduction(record.to_bytes(), where="record") == record


def test_the_key_is_of_the_model_and_its_stages_alone() -> None:
    record = a_reproduction()
    same = replace(record, tree=sha256(b"other"), ended=AT.replace(hour=13), environment={})
    assert same.key == record.key
    assert replace(record, model="other").key != record.key
    stage = replace(record.stages[0], key=sha256(b"other"))
    assert replace(record, stages=(stage,)).key != record.key


def _result(record: dict[str, Any]) -> None:
    record["result"] = "identical"


def _identical(record: dict[str, Any]) -> None:
    record["stages"][0]["outputs"][0]["identical"] = True


def _within(record: dict[str, Any]) -> None:
    record["metrics"]["auc"]["within"] = True


def _difference(record: dict[str, Any]) -> None:
    record["metrics"]["auc"]["difference"] = "0"


def _unknown(record: dict[str, Any]) -> None:
    record["note"] = "x"


def _type(record: dict[str, Any]) -> None:
    record["reproductionType"] = "other"


def _number(record: dict[str, Any]) -> None:
    record["metrics"]["auc"]["made"] = "NaN"


def _huge(record: dict[str, Any]) -> None:
    record["metrics"]["auc"]["made"] = "1E+999999999"


def _digest(record: dict[str, Any]) -> None:
    record["stages"][0]["outputs"][0]["made"]["sha256"] = "0"


def _time(record: dict[str, Any]) -> None:
    record["ended"] = "2026-13-01T00:00:00Z"


def _run_record(record: dict[str, Any]) -> None:
    record["stages"][0]["runRecord"] = "x"


def _inputs(record: dict[str, Any]) -> None:
    record["stages"][0]["inputs"] = [1]


def _stages(record: dict[str, Any]) -> None:
    record["stages"] = [1]


@pytest.mark.parametrize(
    "edit",
    [
        _result, _identical, _within, _difference, _unknown, _type, _number, _huge, _digest,
        _time, _run_record, _stages, _inputs,
    ],
)  # fmt: skip
def test_an_edited_record_is_not_read(edit: Callable[[dict[str, Any]], None]) -> None:
    record = a_reproduction(made="b", metric=a_metric("0.9", "0.5"))
    value = json.loads(record.to_bytes())
    edit(value)
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(UndecidedError):
        parse_reproduction(data, where="record")


def test_a_record_that_is_not_canonical_is_not_read() -> None:
    data = json.dumps(json.loads(a_reproduction().to_bytes()), indent=1).encode()
    with pytest.raises(UndecidedError, match="canonical"):
        parse_reproduction(data, where="record")


@pytest.mark.parametrize("text", ["9" * 41, "1E+9999"])
def test_a_number_of_absurd_length_is_none(text: str) -> None:
    assert comparable(Decimal(text)) is None
    assert comparable(Decimal("0.85")) == Decimal("0.85")
    assert comparable(None) is None
