"""Tells which entries of revocation lists an attestation meets."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from aigf_dvc.attestation.lists.at_hand import UsedSigner
from aigf_dvc.attestation.lists.revocations import Kind, Revocation
from aigf_dvc.attestation.verification import SignerFacts, SignerKind, TimeSource
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.told_time import told_time

_NOTHING = Sha256("")


class Asked(Struct, frozen=True, kw_only=True):
    """Everything about one attestation that may be revoked."""

    attestation: Sha256
    digests: Mapping[str, str]  # `sha256:HEX` or `md5:HEX` -> what it is, for people
    signers: Sequence[UsedSigner]
    at: datetime


class Met(Struct, frozen=True, kw_only=True):
    """What was found: what refuses, and what is only to be told."""

    hits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def met(entries: Sequence[Revocation], asked: Asked) -> Met:
    """Return the entries that are about an attestation, in words."""
    hits, notes = [], []
    for entry in entries:
        for what, why_not in _about(entry, asked):
            said = f"{what} is revoked: {_words(entry)}"
            if entry.lifted is not None:
                lifted = f"{told_time(entry.lifted.on)}: {entry.lifted.reason:.500}"
                notes.append(f"{what} was revoked, which was lifted on {lifted}")
            elif why_not:
                notes.append(f"{said}; {why_not}")
            else:
                hits.append(said)
    return Met(hits=tuple(hits), notes=tuple(notes))


def signer_revoked(
    entries: Sequence[Revocation],
    facts: SignerFacts,
    at: datetime,
    *,
    statement: Sha256 = _NOTHING,
) -> str:
    """Return why what somebody signed counts no more, or an empty text.

    Args:
        entries: of all lists.
        facts: who signed.
        at: the judge's clock.
        statement: the digest of what they signed; empty: only the signer is asked about.
    """
    used = UsedSigner(role="its signer", facts=facts)
    asked = Asked(attestation=statement, digests={}, signers=(used,), at=at)
    return "; ".join(met(entries, asked).hits)


def _words(entry: Revocation) -> str:
    since = f", for whatever is since {told_time(entry.date)}" if entry.date else ""
    instead = f"; take {entry.replaced_by} instead" if entry.replaced_by else ""
    on = told_time(entry.revoked_on)
    return f"{entry.reason:.500} ({entry.cause}, on {on}{since}){instead}"


def _about(entry: Revocation, asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield what an entry is about, and why it does not count: an empty text where it does."""
    target = entry.target
    if target.kind is Kind.SIGNER:
        for used in asked.signers:
            if _is_signer(entry, used.facts):
                yield f"{used.role}, {used.facts.name:.200},", _signed_before(entry, used.facts)
        return
    later = entry.date is not None and entry.date > asked.at
    not_yet = f"not before {told_time(entry.date)}" if later and entry.date else ""
    if target.kind is Kind.ATTESTATION:
        if target.sha256 == asked.attestation:
            yield "the attestation", not_yet
        return
    # A model may be what another was made from, so data and models are looked for alike.
    for digest in sorted(target.digests & asked.digests.keys(), reverse=True)[:1]:
        yield f"{asked.digests[digest]:.200}, {digest},", not_yet


def _is_signer(entry: Revocation, facts: SignerFacts) -> bool:
    by_key = facts.kind is SignerKind.KEY
    issuer = "" if by_key else facts.issuer or ""
    return (entry.target.signer, entry.target.issuer) == (facts.name, issuer)


def _signed_before(entry: Revocation, facts: SignerFacts) -> str:
    """Return that it was signed before the entry counts; only a proven time says so."""
    if entry.date is None or facts.time is None or facts.time_source is TimeSource.CLAIMED:
        return ""
    if facts.time >= entry.date:
        return ""
    return f"it signed before, on {told_time(facts.time)}, by the {facts.time_source}"
