"""Revocation lists and release indexes, for tests to bend."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.head import ListHead, SignedList
from aigf_dvc.attestation.lists.releases import Release, ReleaseIndex, release_statement
from aigf_dvc.attestation.lists.revocations import (
    Cause,
    Kind,
    Lifted,
    Revocation,
    RevocationList,
    Target,
    revocation_statement,
)
from aigf_dvc.attestation.lists.seen import Seen
from aigf_dvc.digests import sha256
from tests.attestation.builders import ISSUED, MODEL_BYTES

ON = ISSUED - timedelta(days=2)
MODEL = sha256(MODEL_BYTES)
OTHER = sha256(b"another")
BY = "sha256:" + "b" * 64


def a_head(identifier: str = "revocations", **changes: Any) -> ListHead:  # noqa: ANN401 (fields)
    head = ListHead(id=identifier, sequence=3, issued=ON, next_update=ON + timedelta(days=7))
    return replace(head, **changes)


def a_target(kind: Kind = Kind.MODEL, digest: str = OTHER) -> Target:
    if kind is Kind.SIGNER:
        return Target(kind=kind, signer="sha256:" + "c" * 64)
    return Target(kind=kind, sha256=digest, md5="0" * 32 if kind is Kind.DATA else "")


def an_entry(target: Target | None = None, **changes: Any) -> Revocation:  # noqa: ANN401 (fields)
    entry = Revocation(
        target=target or a_target(),
        cause=Cause.DEFECT,
        reason="it is wrong",
        revoked_on=ON,
    )
    return replace(entry, **changes)


def lifted(entry: Revocation, *, after: timedelta = timedelta(hours=1)) -> Revocation:
    return replace(entry, lifted=Lifted(on=entry.revoked_on + after, reason="false alarm"))


def a_list(*entries: Revocation, **head: Any) -> RevocationList:  # noqa: ANN401 (fields of the head)
    return RevocationList(head=a_head(**head), entries=entries or (an_entry(),))


def an_index(*releases: Release, **head: Any) -> ReleaseIndex:  # noqa: ANN401 (fields of the head)
    return ReleaseIndex(head=a_head("production", **head), releases=releases or (a_release(),))


def a_release(**changes: Any) -> Release:  # noqa: ANN401 (fields)
    release = Release(model="fraud", digest=MODEL, attestation=None, released_on=ON, version="1.4")
    return replace(release, **changes)


def signed(
    content: RevocationList, signer: str = BY, *, silent: str = ""
) -> SignedList[RevocationList]:
    digest = sha256(revocation_statement(content))
    return SignedList(
        digest=digest, signer=signer, head=content.head, content=content, silent=silent
    )


def at_hand(*lists: RevocationList, **changes: Any) -> AtHand[RevocationList]:  # noqa: ANN401
    return replace(AtHand(lists=tuple(map(signed, lists))), **changes)


def indexes_at_hand(*indexes: ReleaseIndex, **changes: Any) -> AtHand[ReleaseIndex]:  # noqa: ANN401
    lists = tuple(
        SignedList(
            digest=sha256(release_statement(index)), signer=BY, head=index.head, content=index
        )
        for index in indexes
    )
    return replace(AtHand(lists=lists), **changes)


def seen(sequence: int, identifier: str = "revocations", place: str = "") -> tuple[Seen, ...]:
    """That a number of a list was seen before."""
    return (Seen(id=identifier, signer=BY, place=place, sequence=sequence),)


LATER = datetime(2027, 6, 1, tzinfo=UTC)
