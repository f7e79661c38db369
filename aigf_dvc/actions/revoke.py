"""Revoke: add to a revocation list, or lift what is in it, and prepare the whole list anew."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.next_list import next_head
from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.head import store_key
from aigf_dvc.attestation.lists.merged import all_revocations, revoked_signers, signer_of
from aigf_dvc.attestation.lists.revocations import (
    REVOCATIONS,
    Cause,
    Kind,
    Lifted,
    Revocation,
    RevocationList,
    Target,
    revocation_statement,
)
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.evidence.told_time import told_time
from aigf_dvc.redaction import refuse_secrets
from aigf_dvc.signing.signature import Signer
from aigf_dvc.stores.layout import BUNDLE, Stored


class RevokeRequest(Struct, frozen=True, kw_only=True):
    """What somebody wants to change in a list; without targets it is only renewed."""

    at: datetime  # UTC, whole seconds
    good_for: timedelta  # until the next issue is due
    targets: tuple[Target, ...] = ()
    lift: bool = False  # take back, instead of revoking
    cause: Cause = Cause.UNSPECIFIED
    reason: str = ""
    date: datetime | None = None  # from when it counts
    replaced_by: str = ""
    id: str  # of the list


class PreparedList(Struct, frozen=True, kw_only=True):
    """The list that is about to be signed, and what is new in it."""

    content: RevocationList
    payload: bytes
    changed: tuple[Revocation, ...]
    joined: int  # how many lists of the highest sequence it joins


def prepare_revocations(known: AtHand[RevocationList], request: RevokeRequest) -> PreparedList:
    """Return the next list: every entry of the lists at hand, with what is asked.

    Raises:
        InputError: a target is in the list already, or is not there to be lifted.
        UndecidedError: the lists at hand are not the last ones.
        RefusedError: what is to be signed holds what looks like a secret.
    """
    mine = [each for each in known.lists if each.head.id == request.id]
    head = next_head(known, request.id, at=request.at, good_for=request.good_for)
    if request.targets and not request.reason.strip():
        raise InputError("no reason", where="--reason", expected="why, in a sentence")
    entries = {e.target: e for e in all_revocations(known.lists, only=request.id)}
    request = replace(request, at=head.issued)
    change = _lifted if request.lift else _revoked
    changed = tuple(change(entries, target, request) for target in dict.fromkeys(request.targets))
    entries |= {entry.target: entry for entry in changed}
    content = RevocationList(head=head, entries=_sorted(entries.values()))
    payload = revocation_statement(content)
    refuse_secrets(payload.decode(), where="what is to be signed")
    joined = sum(each.head.sequence == head.sequence - 1 for each in mine)
    return PreparedList(content=content, payload=payload, changed=changed, joined=joined)


def refuse_revoked_signer(prepared: PreparedList, signer: str) -> None:
    """Refuse a list by somebody whom it revokes: that would be their own word, and is believed.

    Two who have revoked each other must not seal it by the next list, which joins those of both.

    Args:
        prepared: the list.
        signer: who has signed it, by the name that lists have for them.

    Raises:
        RefusedError: they are revoked in it, and that is not what they have just asked for.
    """
    changed = {signer_of(e.target) for e in prepared.changed if e.target.kind is Kind.SIGNER}
    revoked = revoked_signers(prepared.content.entries)
    if signer in changed - revoked:
        raise RefusedError(
            "nobody lifts that they are revoked themselves", where=signer,
            expected="another signer", hint="nothing was kept",
        )  # fmt: skip
    if signer in revoked - changed:
        raise RefusedError(
            "the list says that its own signer is revoked", where=signer,
            expected="a signer who counts",
            hint="nothing was kept; sign with another key, or where two have revoked each other,"
            " first take whoever must not count out of --trust and --revocation-key",
        )  # fmt: skip


def sign_list(payload: bytes, signer: Signer, *, predicate_type: str = REVOCATIONS) -> Stored:
    """Sign a list, and return the bundle as a store keeps it."""
    return Stored(model=store_key(predicate_type), ending=BUNDLE, data=signer(payload))


def _sorted(entries: Iterable[Revocation]) -> tuple[Revocation, ...]:
    return tuple(sorted(entries, key=lambda entry: str(entry.target)))


def _revoked(
    entries: dict[Target, Revocation], target: Target, request: RevokeRequest
) -> Revocation:
    known = _about(entries.values(), target)
    if known is not None and known.lifted is None:
        since = told_time(known.revoked_on)
        raise InputError(
            f"{target} is in the list since {since}: {known.reason:.200}",
            where=request.id,
            expected="something that is not revoked yet",
            hint="`aigf revoke --renew` issues the list again as it is",
        )
    return Revocation(
        target=target if known is None else known.target,
        cause=request.cause,
        reason=request.reason.strip(),
        revoked_on=request.at,
        date=request.date,
        replaced_by=request.replaced_by,
    )


def _lifted(
    entries: dict[Target, Revocation], target: Target, request: RevokeRequest
) -> Revocation:
    known = _about(entries.values(), target)
    if known is None or known.lifted is not None:
        raise InputError(
            f"{target} is not revoked", where=request.id,
            expected="an entry of the list that counts",
            hint="an entry of data that names two digests is found by either of them",
        )  # fmt: skip
    return replace(known, lifted=Lifted(on=request.at, reason=request.reason.strip()))


def _about(entries: Iterable[Revocation], target: Target) -> Revocation | None:
    """Return the entry about a target, by any of its digests; one that counts comes first."""
    found: Sequence[Revocation] = [
        entry
        for entry in entries
        if entry.target == target
        or (entry.target.kind is target.kind and entry.target.digests & target.digests)
    ]
    return next((entry for entry in found if entry.lifted is None), next(iter(found), None))
