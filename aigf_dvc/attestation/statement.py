"""An in-toto Statement v1: written as canonical JSON, read strictly.

See: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from collections.abc import Mapping, Sequence

from aigf_dvc.attestation.deployment import DEPLOYMENT, Deployment, Statement, StatementHead
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.predicate import predicate_as_json, read_deployment
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import Sha2
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.lazy_pattern import lazy_pattern

STATEMENT = "https://in-toto.io/Statement/v1"
MAX_BYTES = 16 * 2**20
_DIGITS: Mapping[str, int] = {one: 2 * one.size_bytes for one in Sha2}
_HEXADECIMAL = lazy_pattern(r"[0-9a-f]+\Z")


def build_statement(deployment: Deployment, files: Sequence[ModelFile]) -> bytes:
    """Return the statement about a model as the bytes to sign; equal input gives equal bytes.

    Args:
        deployment: what is said of the model.
        files: the model's files: one, or the exact set of a directory, named by their path in
            the repository.

    Raises:
        RefusedError: there are no files, one is named twice, or the statement is too large.
    """
    return statement_bytes(DEPLOYMENT, files, predicate_as_json(deployment))


def statement_bytes(predicate_type: str, files: Sequence[ModelFile], predicate: Json) -> bytes:
    """Return any statement as the bytes to sign: canonical JSON, the subjects sorted by name.

    Raises:
        RefusedError: there are no files, one is named twice, or the statement is too large.
    """
    subjects: list[Json] = [
        {"name": file.name, "digest": {"sha256": file.sha256}}
        for file in sorted(files, key=lambda file: file.name)
    ]
    payload = dumps(
        {
            "_type": STATEMENT,
            "subject": subjects,
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )
    read_statement(payload)  # nobody signs what a judge would refuse to read
    return payload


def read_statement(payload: bytes) -> Statement:
    """Read a statement strictly; of a subject's digests only SHA-256 counts.

    Raises:
        RefusedError: the bytes are no statement that can be trusted to mean one thing only.
    """
    fields = Fields.read(payload, "statement", max_bytes=MAX_BYTES)
    found = fields.text("_type")
    if found != STATEMENT:
        raise RefusedError(f"_type is {found!r:.200}", where="statement", expected=STATEMENT)
    return Statement(
        predicate_type=fields.text("predicateType"),
        subjects=_subjects(fields.objects("subject")),
        predicate=fields.mapping("predicate").values,
    )


def read_attestation(payload: bytes) -> tuple[StatementHead, Deployment]:
    """Read a deployment statement strictly.

    Raises:
        RefusedError: the bytes are no statement, one of another kind, or one that contradicts
            itself.
    """
    statement = read_statement(payload)
    _expect_type(statement)
    return statement, read_deployment(statement)


def _expect_type(statement: Statement) -> None:
    found = statement.predicate_type
    if found != DEPLOYMENT:
        raise RefusedError(f"{found!r:.200}", where="statement.predicateType", expected=DEPLOYMENT)


def predicate_type(payload: bytes) -> str:
    """Return what kind of statement some bytes are, before anything of it is believed.

    Raises:
        RefusedError: the bytes are no statement.
    """
    return Fields.read(payload, "statement", max_bytes=MAX_BYTES).text("predicateType")


def _subjects(items: Sequence[Fields]) -> tuple[ModelFile, ...]:
    if not items:
        raise RefusedError("no subject", where="statement.subject", expected="one file at least")
    subjects = tuple(_subject(item) for item in items)
    seen = set[str]()
    for subject in subjects:
        if subject.name in seen:
            raise RefusedError(f"{subject.name!r:.200} stands twice", where="statement.subject")
        seen.add(subject.name)
    return subjects


def _subject(item: Fields) -> ModelFile:
    digests = item.mapping("digest")
    for algorithm in digests.values:
        value = digests.text(algorithm)
        digits = _DIGITS.get(algorithm, len(value))
        if not _HEXADECIMAL.match(value) or len(value) != digits:
            raise RefusedError(
                f"{value!r:.140}",
                where=digests.at(algorithm),
                expected=f"{digits} lower-case hexadecimal digits",
            )
    return ModelFile(name=item.text("name"), sha256=item.sha256("digest"))
