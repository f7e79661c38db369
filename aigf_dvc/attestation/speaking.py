"""Whether a line of the judge's trust file lets its owner say what they have signed."""

from datetime import date, datetime

from aigf_dvc.attestation.deployment import Deployment, Source, StatementHead
from aigf_dvc.attestation.matching import plain_repository
from aigf_dvc.attestation.name_pattern import matches
from aigf_dvc.attestation.trust import TrustLine
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.errors import RefusedError


def refuse_type(line: TrustLine, predicate_type: str) -> None:
    """Refuse a statement of a type that the line's owner may not make.

    Raises:
        RefusedError: it names other types.
    """
    allowed = line.scope.predicate_types
    if allowed and predicate_type not in allowed:
        raise RefusedError(
            f"{line.owner} may not sign {predicate_type!r:.200}", where=line.where,
            expected=f"predicate_types: {', '.join(allowed)}",
        )  # fmt: skip


def refuse_environment(line: TrustLine, environment: str | None) -> None:
    """Refuse what is said for an environment that the line's owner may not speak for.

    Raises:
        RefusedError: it names others, or the statement names none.
    """
    allowed = line.scope.environments
    if allowed and environment not in allowed:
        raise RefusedError(
            f"{line.owner} may not speak for {environment or 'no environment'!r:.100}",
            where=line.where, expected=f"environments: {', '.join(allowed)}",
        )  # fmt: skip


def refuse_time(line: TrustLine, signer: SignerFacts, claimed: datetime, today: date) -> None:
    """Refuse what was signed when the line did not speak for its owner.

    Raises:
        RefusedError: the key or identity was not valid.
    """
    reason = line.period.why_not_signed(signer.time, claimed, today)
    if reason:
        raise RefusedError(f"the key or identity of {line.owner} is {reason}", where=line.where)


def silent_since(line: TrustLine, signer: SignerFacts, claimed: datetime, today: date) -> str:
    """Return why a line, which spoke for its owner when they signed, does so no more; or nothing.

    Only they say when that was. Whoever has an old key can say an old day, so such a word may
    forbid, and nothing else; what it forbade in time is not lost when a key is exchanged.
    """
    ended = line.period.why_ended(signer.time, claimed, today)
    if not ended:
        return ""
    return f"the key or identity of {line.owner} is {ended}, and nobody proves when it signed"


def refuse_attester(
    signer: SignerFacts, statement: StatementHead, deployment: Deployment, today: date
) -> str:
    """Refuse an attestation that the signer's line does not cover; else return what it says.

    Raises:
        RefusedError: the line is for other statements, environments or days.
    """
    line = signer.line
    if line is None:
        return ""
    refuse_type(line, statement.predicate_type)
    refuse_environment(line, deployment.environment)
    refuse_time(line, signer, deployment.issued_on, today)
    return f"; {line.owner} may say so ({line.where})"


def refuse_run(
    line: TrustLine, predicate_type: str, signer: SignerFacts, ended: datetime, today: date
) -> None:
    """Refuse the record of a run, observed or clean, that a line does not cover.

    Raises:
        RefusedError: the line is for other statements, certificates or days.
    """
    refuse_type(line, predicate_type)
    refuse_certified(line, signer)
    refuse_time(line, signer, ended, today)


def refuse_line(
    signer: SignerFacts,
    predicate_type: str,
    environment: str | None,
    claimed: datetime,
    today: date,
) -> None:
    """Refuse a statement about no source of its own that the signer's line does not cover.

    Raises:
        RefusedError: the line is for other statements, environments, days or certificates.
    """
    line = signer.line
    if line is None:
        return
    refuse_type(line, predicate_type)
    refuse_environment(line, environment)
    refuse_certified(line, signer)
    refuse_time(line, signer, claimed, today)


def source_refusals(
    source: Source, signer: SignerFacts, repositories: tuple[str, ...]
) -> tuple[str, ...]:
    """Return how a source differs from what the trust file demands of it; empty when it does not.

    Args:
        source: as the statement names it; what the certificate says was compared with it.
        signer: with its line.
        repositories: demanded of every source, whoever signed.
    """
    found = [
        f"repository {source.uri!r:.200}, demanded is {wanted!r}"
        for wanted in repositories
        if not _is_repository(wanted, source.uri)
    ]
    return (*found, *(_certified(signer.line, signer) if signer.line is not None else ()))


def refuse_certified(line: TrustLine, signer: SignerFacts) -> None:
    """Refuse a certificate of another repository, ref or runner than the line demands.

    Raises:
        RefusedError: it names another, or none.
    """
    different = _certified(line, signer)
    if different:
        raise RefusedError("; ".join(different))


def _certified(line: TrustLine, signer: SignerFacts) -> list[str]:
    certified = (
        ("repository", line.source_repository, signer.source_repository, _is_repository),
        ("ref", line.source_ref, signer.source_ref, _is_name),
        ("runner", line.runner_environment, signer.runner_environment, _is_name),
    )
    return [
        f"the certificate names the {what} {value!r:.200}, {line.where} demands {wanted!r}"
        for what, wanted, value, holds in certified
        if wanted and not holds(wanted, value)
    ]


def _is_repository(wanted: str, uri: str | None) -> bool:
    plain = plain_repository(uri)
    return plain is not None and matches(plain_repository(wanted) or "", plain)


def _is_name(wanted: str, value: str | None) -> bool:
    return value is not None and matches(wanted, value)
