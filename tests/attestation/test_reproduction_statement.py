import json

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.reproduction_statement import REPRODUCTION, reproduction_statement
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import RefusedError
from tests.evidence.test_reproduction import a_metric, a_reproduction, digests


def test_the_statement_is_about_what_is_recorded_and_carries_the_record() -> None:
    record = a_reproduction(made="b", metric=a_metric("0.9", "0.5"))
    statement = read_statement(reproduction_statement(record))
    assert statement.predicate_type == REPRODUCTION
    assert [(s.name, s.sha256) for s in statement.subjects] == [("model.bin", digests("a").sha256)]
    assert json.dumps(statement.predicate) == json.dumps(json.loads(record.to_bytes()))


def test_a_directory_is_one_subject_with_a_slash() -> None:
    record = a_reproduction()
    (output,) = record.stages[0].outputs
    folder = replace(output, recorded=replace(output.recorded, md5="a" * 32 + ".dir"))
    record = replace(record, stages=(replace(record.stages[0], outputs=(folder,)),))
    (subject,) = read_statement(reproduction_statement(record)).subjects
    assert subject.name == "model.bin/"


def test_a_run_that_made_nothing_has_no_statement() -> None:
    with pytest.raises(RefusedError, match="no subject"):
        reproduction_statement(replace(a_reproduction(), stages=()))
