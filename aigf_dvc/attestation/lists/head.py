"""What every signed list begins with: its id, its place in the sequence, and how long it counts.

in-toto demands a subject, and a list is about no file. So its subject is the list itself: a name
that no file has, and the SHA-256 of that name. Whatever a list holds, its subject stays the same,
and it can never be taken for an attestation about a model.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Generic, TypeVar

from msgspec import Struct

from aigf_dvc.attestation.deployment import Statement
from aigf_dvc.attestation.fields import TIME, Fields
from aigf_dvc.attestation.statement import statement_bytes
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile


class ListHead(Struct, frozen=True, kw_only=True):
    """What tells one issue of a list from another."""

    id: str  # of the list; a release index has its environment's name
    sequence: int  # from 1
    issued: datetime  # UTC, whole seconds
    next_update: datetime  # from then on the list is stale


Content = TypeVar("Content")


class SignedList(Struct, Generic[Content], frozen=True, kw_only=True):
    """A list whose signer the judge lets speak."""

    digest: Sha256  # of the statement's bytes
    signer: str  # a key's fingerprint, or an identity and who vouches for it
    head: ListHead
    content: Content
    silent: str = ""  # why only what it revokes counts; empty: all that it says does


def signer_name(name: str, issuer: str | None) -> str:
    """Return by what name the signer of a list is known: a fingerprint, or identity and issuer."""
    return f"{name}, by {issuer}" if issuer is not None else name


def store_key(predicate_type: str) -> Sha256:
    """Return the key under which stores keep all lists of a kind: nobody must know their ids."""
    return sha256(predicate_type.encode())


def list_statement(predicate_type: str, head: ListHead, body: Mapping[str, Json]) -> bytes:
    """Return the statement of a list as the bytes to sign; equal input gives equal bytes.

    Raises:
        RefusedError: it would not be read again.
    """
    predicate: dict[str, Json] = {
        "id": head.id,
        "sequence": head.sequence,
        "issued": head.issued.astimezone(UTC).strftime(TIME),
        "nextUpdate": head.next_update.astimezone(UTC).strftime(TIME),
        **body,
    }
    return statement_bytes(predicate_type, (_subject(predicate_type, head.id),), predicate)


def read_head(statement: Statement, predicate_type: str) -> tuple[ListHead, Fields]:
    """Read how a list begins, and return its predicate for the rest.

    Raises:
        RefusedError: another predicate or subject, or a value that is missing or has another form.
    """
    if statement.predicate_type != predicate_type:
        raise RefusedError(
            f"{statement.predicate_type!r:.200}",
            where="statement.predicateType",
            expected=predicate_type,
        )
    top = Fields.of(dict(statement.predicate), "predicate")
    head = ListHead(
        id=top.text("id"),
        sequence=top.count("sequence"),
        issued=top.time("issued"),
        next_update=top.time("nextUpdate"),
    )
    if statement.subjects != (_subject(predicate_type, head.id),):
        raise RefusedError(
            "a subject that is not the list itself", where="statement.subject",
            expected=f"the list {head.id!r:.100} alone",
        )  # fmt: skip
    if head.sequence < 1:
        raise RefusedError("0", where=top.at("sequence"), expected="a number from 1")
    if head.next_update <= head.issued:
        raise RefusedError(
            "it is stale before it is issued", where=top.at("nextUpdate"), expected="a later time"
        )
    return head, top


def _subject(predicate_type: str, identifier: str) -> ModelFile:
    name = f"{predicate_type}#{identifier}"
    return ModelFile(name=name, sha256=sha256(name.encode()))
