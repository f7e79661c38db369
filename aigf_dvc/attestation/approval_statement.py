"""The statement that a person signs: an approval, a waiver, or a signature under a document."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.attestation.deployment import Statement
from aigf_dvc.attestation.fields import TIME, Fields
from aigf_dvc.attestation.statement import statement_bytes
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile

FAMILY = "https://aigf-dvc.readthedocs.io/predicates/approval/"
APPROVAL = f"{FAMILY}v1"
"""The predicate type."""

_ABOUT_A_MODEL = ("model", "environment", "policyDigest", "treeDigest")


@unique
class Decision(StrEnum):
    """What a person decided."""

    APPROVE = "approve"
    WAIVE = "waive"
    SIGN = "sign"  # a document


class ModelTerms(Struct, frozen=True, kw_only=True):
    """What ties an approval or a waiver to one model, in one tree, under one policy."""

    model: str
    environment: str
    policy: Sha256
    tree: Sha256


class Said(Struct, frozen=True, kw_only=True):
    """What somebody says; who it is, only the signature tells."""

    decision: Decision
    role: str
    files: tuple[ModelFile, ...]  # of the model; of a signature: the document
    reason: str
    issued: datetime  # UTC, whole seconds
    expires: datetime | None
    terms: ModelTerms | None = None  # None: a document
    rules: tuple[str, ...] = ()  # those that a waiver excepts the model from


def approval_statement(said: Said) -> bytes:
    """Return the statement as the bytes to sign; equal input gives equal bytes.

    Raises:
        RefusedError: it would not be read again.
    """
    predicate: dict[str, Json] = {
        "decision": said.decision,
        "role": said.role,
        "reason": said.reason,
        "issued": said.issued.astimezone(UTC).strftime(TIME),
        "expires": said.expires.astimezone(UTC).strftime(TIME) if said.expires else None,
    }
    if said.terms is not None:
        predicate |= {
            "model": said.terms.model,
            "environment": said.terms.environment,
            "policyDigest": {"sha256": said.terms.policy},
            "treeDigest": {"sha256": said.terms.tree},
        }
    if said.rules:
        predicate["rules"] = list(said.rules)
    payload = statement_bytes(APPROVAL, said.files, predicate)
    read_approval(Statement(predicate_type=APPROVAL, subjects=said.files, predicate=predicate))
    return payload


def read_approval(statement: Statement) -> Said:
    """Read what a statement says, strictly: each decision has its own keys and no others.

    Raises:
        RefusedError: another predicate, or a value that is missing or has another form.
    """
    if statement.predicate_type != APPROVAL:
        raise RefusedError(
            f"{statement.predicate_type!r:.200}", where="statement.predicateType", expected=APPROVAL
        )
    top = Fields.of(dict(statement.predicate), "predicate")
    decision = _decision(top)
    keys = ["decision", "role", "reason", "issued", "expires"]
    keys += [] if decision is Decision.SIGN else _ABOUT_A_MODEL
    keys += ["rules"] if decision is Decision.WAIVE else []
    top.only(*keys)
    said = Said(
        decision=decision,
        role=top.text("role"),
        files=statement.subjects,
        reason=top.text("reason"),
        issued=top.time("issued"),
        expires=top.time("expires") if top.values.get("expires") is not None else None,
        terms=None if decision is Decision.SIGN else _terms(top),
        rules=_rules(top) if decision is Decision.WAIVE else (),
    )
    if said.expires is not None and said.expires < said.issued:
        raise RefusedError("it expires before it is issued", where=top.at("expires"))
    if decision is Decision.SIGN and len(said.files) != 1:
        raise RefusedError(
            f"{len(said.files)} documents", where="statement.subject", expected="one"
        )
    return said


def _decision(top: Fields) -> Decision:
    text = top.text("decision")
    try:
        return Decision(text)
    except ValueError:
        raise RefusedError(
            f"{text!r:.100}", where=top.at("decision"), expected=" or ".join(Decision)
        ) from None


def _terms(top: Fields) -> ModelTerms:
    return ModelTerms(
        model=top.text("model"),
        environment=top.text("environment"),
        policy=top.sha256("policyDigest"),
        tree=top.sha256("treeDigest"),
    )


def _rules(top: Fields) -> tuple[str, ...]:
    rules: Sequence[Json] = top.items("rules")
    names = [rule for rule in rules if isinstance(rule, str) and rule]
    if not names or len(names) != len(rules) or len(set(names)) != len(names):
        raise RefusedError(
            "no list of different rules", where=top.at("rules"), expected="the ids of rules"
        )
    return tuple(names)
