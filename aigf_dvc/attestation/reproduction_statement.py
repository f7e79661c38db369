"""The statement about one clean run: what is recorded of a model's stages, and the whole record.

Whoever signs it says: I ran these stages again in a clean clone, and this is what they made.
"""

from aigf_dvc.attestation.statement import STATEMENT, read_statement
from aigf_dvc.canonical import Json, dumps, loads
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.reproduction import Reproduction, parse_reproduction

REPRODUCTION = "https://aigf-dvc.readthedocs.io/predicates/reproduction/v1"
"""The predicate type."""


def reproduction_statement(record: Reproduction) -> bytes:
    """Return the statement about a clean run as the bytes to sign.

    Its subjects are the recorded outputs, whatever the clean run made; a directory is one subject,
    named `path/`, by its tree digest.

    Raises:
        RefusedError: the statement is too large, or has no subject.
    """
    subjects: list[Json] = [
        {
            "name": f"{output.name}/" if output.recorded.md5.endswith(".dir") else output.name,
            "digest": {"sha256": output.recorded.sha256},
        }
        for stage in record.stages
        for output in stage.outputs
    ]
    payload = dumps(
        {
            "_type": STATEMENT,
            "subject": subjects,
            "predicateType": REPRODUCTION,
            "predicate": loads(record.to_bytes(), where="reproduction"),
        }
    )
    read_statement(payload)  # nobody signs what a judge would refuse to read
    return payload


def read_reproduction_statement(payload: bytes) -> Reproduction:
    """Return the record of a clean run that somebody signed; its subjects are what it compared.

    Raises:
        RefusedError: the statement is about something else, or holds no untouched record.
    """
    statement = read_statement(payload)
    if statement.predicate_type != REPRODUCTION:
        raise RefusedError(
            f"{statement.predicate_type!r:.200}", where="statement.predicateType",
            expected=REPRODUCTION,
        )  # fmt: skip
    try:
        return parse_reproduction(dumps(dict(statement.predicate)), where="predicate")
    except UndecidedError as error:
        raise RefusedError(f"no record of a clean run: {error}") from None
