"""Turns signed statements into consent that counts: what each signer may say, by the trust file.

The signature is verified elsewhere; here it is known who signed. Whether a consent is about the
model at hand is for the policy to judge.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum, unique

from msgspec.structs import asdict

from aigf_dvc.attestation.approval_statement import (
    FAMILY,
    Decision,
    ModelTerms,
    Said,
    read_approval,
)
from aigf_dvc.attestation.engine_statement import FAMILIES, read_engine_statement
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.signed import Signed
from aigf_dvc.attestation.speaking import refuse_certified, refuse_environment, refuse_type
from aigf_dvc.attestation.statement import MAX_BYTES, read_statement
from aigf_dvc.attestation.trust import WAIVE, TrustFile
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.approval import Approval, DocumentSignature, Waiver
from aigf_dvc.evidence.external_verdict import ExternalVerdict

_CLOCK_SKEW = timedelta(minutes=5)

Consent = Approval | Waiver | DocumentSignature


@unique
class Speaker(StrEnum):
    """Who makes statements of a kind."""

    PERSON = "person"
    ENGINE = "engine"


def speaker_of(payload: bytes) -> Speaker | None:
    """Return who makes statements of this kind, whatever their version; None for other kinds.

    Raises:
        RefusedError: the bytes are no statement.
    """
    kind = Fields.read(payload, "statement", max_bytes=MAX_BYTES).text("predicateType")
    if kind.startswith(FAMILY):
        return Speaker.PERSON
    return Speaker.ENGINE if kind.startswith(FAMILIES) else None


def read_consent(
    payload: bytes, signed: Signed, trust: TrustFile, *, where: str, today: date
) -> Consent:
    """Return what a person whom the trust file names has signed.

    Args:
        payload: the bytes that they signed.
        signed: who it was.
        trust: the judge's trust file.
        where: names the bundle.
        today: the judge's day: whoever is trusted no more does not count, whenever they signed.

    Raises:
        RefusedError: no statement of ours, or one that this person may not make.
    """
    statement = read_statement(payload)
    said = read_approval(statement)
    _refuse_line(signed, statement.predicate_type, said.terms)
    roles = trust.roles_of(signed.name)
    if said.role not in roles:
        raise RefusedError(f"{signed.name} signed as {said.role}, a role that they do not have")
    if said.decision is Decision.WAIVE and WAIVE not in roles:
        raise RefusedError(f"{signed.name} may not waive: the role {WAIVE} is not theirs")
    _refuse_wrong_time(signed, said.issued, today)
    if said.terms is None:
        return DocumentSignature(
            person=signed.name,
            role=said.role,
            document=said.files[0].sha256,
            reason=said.reason,
            issued=said.issued,
            expires=said.expires,
            where=where,
        )
    return _about_a_model(said, said.terms, signed.name, trust, where)


def _about_a_model(
    said: Said, terms: ModelTerms, name: str, trust: TrustFile, where: str
) -> Approval | Waiver:
    person = next(person for person in trust.people if person.name == name)
    approval = Approval(
        person=name,
        emails=person.emails,
        roles=trust.roles_of(name),
        role=said.role,
        model=terms.model,
        models=tuple(file.sha256 for file in said.files),
        tree=terms.tree,
        policy=terms.policy,
        environment=terms.environment,
        reason=said.reason,
        issued=said.issued,
        expires=said.expires,
        where=where,
    )
    if said.decision is Decision.APPROVE:
        return approval
    return Waiver(**asdict(approval), rules=said.rules)


def read_verdict(
    payload: bytes, signed: Signed, trust: TrustFile, *, where: str, today: date
) -> ExternalVerdict:
    """Return what an engine whom the trust file names has signed.

    Raises:
        RefusedError: no statement of a known kind, or one that this engine may not make.
    """
    said = read_engine_statement(payload)
    if signed.facts.line is not None:
        refuse_certified(signed.facts.line, signed.facts)
    engine = next(engine for engine in trust.engines if engine.name == signed.name)
    if said.type not in engine.types:
        raise RefusedError(
            f"{engine.name} signed a {said.type}, and may sign {', '.join(engine.types)}"
        )
    if engine.verifier and said.verifier not in ("", engine.verifier):
        raise RefusedError(f"{engine.name} names the verifier {said.verifier!r:.100}")
    times = [time for time in (said.time, signed.facts.time) if time is not None]
    for time in times:
        _refuse_wrong_time(signed, time, today)
    if not times:
        _refuse_period(signed, today)
    return ExternalVerdict(
        engine=engine.name,
        type=said.type,
        verifier=said.verifier,
        passed=said.passed,
        properties=said.properties,
        models=said.files,
        time=min(times, default=None),
        where=where,
    )


def _refuse_line(signed: Signed, predicate_type: str, terms: ModelTerms | None) -> None:
    """Refuse what the signer's line of the trust file does not cover."""
    line = signed.facts.line
    if line is None:
        return
    refuse_type(line, predicate_type)
    refuse_certified(line, signed.facts)
    if terms is not None:
        refuse_environment(line, terms.environment)


def _refuse_wrong_time(signed: Signed, said: datetime, today: date) -> None:
    """Refuse what was signed outside the signer's period, or what claims to be of later."""
    proven = signed.facts.time
    if proven is not None and said > proven + _CLOCK_SKEW:
        raise RefusedError(f"it claims to be of {said}, after it was signed")
    _refuse_period(signed, (proven or said).date())
    _refuse_period(signed, today)


def _refuse_period(signed: Signed, day: date) -> None:
    reason = signed.period.why_not(day)
    if reason:
        raise RefusedError(f"the key or identity of {signed.name} is {reason}")
