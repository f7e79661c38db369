"""The statement about one observed run: what a stage made, and the whole run record.

Whoever signs it says: this machine's recorder saw this command make these bytes from those.
"""

from aigf_dvc.attestation.statement import read_statement, statement_bytes
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.run_record import RunRecord, parse_run_record

RUN_RECORD = "https://aigf-dvc.readthedocs.io/predicates/run-record/v1"
"""The predicate type."""

_WHERE = "run record"


def run_statement(record: RunRecord) -> bytes:
    """Return the statement about a run as the bytes to sign; equal records give equal bytes.

    Raises:
        RefusedError: the statement is too large.
    """
    predicate = loads(record.to_bytes(), where=_WHERE)
    return statement_bytes(RUN_RECORD, _subjects(record), predicate)


def read_run_statement(payload: bytes) -> RunRecord:
    """Read a statement about a run strictly.

    Raises:
        RefusedError: it is another statement, or its subjects are not what the record's run made.
    """
    statement = read_statement(payload)
    found = statement.predicate_type
    if found != RUN_RECORD:
        raise RefusedError(f"{found!r:.200}", where="statement.predicateType", expected=RUN_RECORD)
    try:
        record = parse_run_record(dumps(dict(statement.predicate)), where="predicate")
    except UndecidedError as error:
        raise RefusedError(error.found, where=error.where, expected=error.expected) from None
    if set(statement.subjects) != set(_subjects(record)):
        raise RefusedError(
            "other files", where="statement.subject", expected="the outputs of the run record"
        )
    return record


def _subjects(record: RunRecord) -> tuple[ModelFile, ...]:
    """Return what the run made; a directory is one subject, named `path/`, by its tree digest."""
    return tuple(
        ModelFile(name=f"{path}/" if seen.md5.endswith(".dir") else path, sha256=seen.sha256)
        for path, seen in record.outputs.items()
    )
