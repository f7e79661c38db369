"""The statement about a run says what the record says, and its subjects are what the run made."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.run_statement import RUN_RECORD, read_run_statement, run_statement
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.run_record import Observed
from tests.attestation.builders import a_payload
from tests.evidence.test_run_record import DATA, a_record


def test_a_statement_is_read_back_as_the_record_that_it_was_made_of() -> None:
    record = a_record()
    assert read_run_statement(run_statement(record)).to_bytes() == record.to_bytes()
    assert read_statement(run_statement(record)).predicate_type == RUN_RECORD


def test_a_directory_is_one_subject_named_as_one() -> None:
    file = Observed(md5=DATA, sha256=sha256(b"f"), size=1)
    record = replace(a_record(), outputs={**a_record().outputs, "file": file})
    subjects = {s.name: s.sha256 for s in read_statement(run_statement(record)).subjects}
    assert subjects == {"model/": sha256(b"model"), "file": sha256(b"f")}


def _edited(edit: Callable[[dict[str, Any]], object]) -> bytes:
    document: Any = loads(run_statement(a_record()), where="test")
    edit(document)
    return dumps(document)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda d: d["subject"][0].update(name="other"), "subject"),
        (lambda d: d["subject"][0].update(digest={"sha256": "0" * 64}), "subject"),
        (lambda d: d["subject"].append({"name": "x", "digest": {"sha256": "0" * 64}}), "subject"),
        (lambda d: d["predicate"].update(exitCode=1), "exitCode"),
        (lambda d: d["predicate"].pop("inputs"), "predicate"),
        (lambda d: d.update(predicateType="https://example.com/other"), "predicateType"),
    ],
    ids=["renamed", "other bytes", "one more", "failed run", "no inputs", "other type"],
)
def test_what_contradicts_itself_is_refused(
    edit: Callable[[dict[str, Any]], object], says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        read_run_statement(_edited(edit))


def test_an_attestation_of_a_model_is_no_statement_about_a_run() -> None:
    with pytest.raises(RefusedError, match="predicateType"):
        read_run_statement(a_payload())
