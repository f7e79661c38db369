"""The statement about one clean run: what is recorded of a model's stages, and the whole record.

Whoever signs it says: I ran these stages again in a clean clone, and this is what they made.
"""

from aigf_dvc.attestation.statement import STATEMENT, read_statement
from aigf_dvc.canonical import Json, dumps, loads
from aigf_dvc.evidence.reproduction import Reproduction

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
