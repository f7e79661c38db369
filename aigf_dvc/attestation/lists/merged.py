"""Joins the lists of one id: two people who write at the same time lose nothing.

All lists count, not the newest alone, and of two entries about one thing the one changed last. So
an entry cannot vanish, even from a list whose writer did not know of it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from aigf_dvc.attestation.lists.head import SignedList, signer_name
from aigf_dvc.attestation.lists.releases import Release, ReleaseIndex
from aigf_dvc.attestation.lists.revocations import (
    Kind,
    Revocation,
    RevocationList,
    Target,
)


def merged_revocations(lists: Iterable[RevocationList]) -> tuple[Revocation, ...]:
    """Return the entries of several lists; at a tie what is revoked stays revoked."""
    found: dict[Target, Revocation] = {}
    for entry in (entry for each in lists for entry in each.entries):
        other = found.get(entry.target)
        if other is None or _revocation_rank(entry) > _revocation_rank(other):
            found[entry.target] = entry
    return tuple(sorted(found.values(), key=lambda entry: str(entry.target)))


def all_revocations(
    lists: Iterable[SignedList[RevocationList]], *, only: str | None = None
) -> tuple[Revocation, ...]:
    """Return the entries of lists of any id; each id is joined on its own.

    What a silent list revoked counts beside the other lists, and changes nothing in them; until
    somebody who counts lifts it later.

    Args:
        lists: of all ids: one may revoke who signs another.
        only: the id whose entries are wanted.
    """
    asked = (each for each in silenced(lists) if only in (None, each.head.id))
    found = dict.fromkeys(entry for own in _by_id(asked) for entry in _joined(own))
    return tuple(found)


def silenced(
    lists: Iterable[SignedList[RevocationList]],
) -> tuple[SignedList[RevocationList], ...]:
    """Return lists, silent those whose signers are revoked: they can take nothing back any more.

    Whoever revokes themselves is believed, whatever else they say: a thief may say it, too.
    """
    known = tuple(lists)
    revoked = {signer for signer in {each.signer for each in known} if _is_revoked(signer, known)}
    why = {signer: _why_silent(signer, known, revoked) for signer in revoked}
    return tuple(
        replace(each, silent=why[each.signer]) if each.signer in why else each for each in known
    )


def revoked_signers(entries: Iterable[Revocation]) -> frozenset[str]:
    """Return who is revoked as a signer, in the words in which a list names its own."""
    return frozenset(
        signer_of(entry.target)
        for entry in entries
        if entry.lifted is None and entry.target.kind is Kind.SIGNER
    )


def _joined(own: Sequence[SignedList[RevocationList]]) -> Iterator[Revocation]:
    """Yield the entries of the lists of one id, those of silent ones first."""
    counting = merged_revocations(each.content for each in own if not each.silent)
    lifted = {entry.target: entry.lifted.on for entry in counting if entry.lifted is not None}
    for each in own:
        if each.silent:
            yield from _not_lifted(each.content, lifted)
    yield from counting


def _not_lifted(content: RevocationList, lifted: Mapping[Target, datetime]) -> Iterator[Revocation]:
    for entry in content.entries:
        later = lifted.get(entry.target)
        if entry.lifted is None and (later is None or later <= entry.revoked_on):
            yield entry


def _by_id(
    lists: Iterable[SignedList[RevocationList]],
) -> Iterable[list[SignedList[RevocationList]]]:
    found: dict[str, list[SignedList[RevocationList]]] = {}
    for each in lists:
        found.setdefault(each.head.id, []).append(each)
    return found.values()


def _is_revoked(signer: str, lists: Iterable[SignedList[RevocationList]]) -> bool:
    """Tell whether others, or the signer in any list of theirs, say that they count no more."""
    heard = (
        replace(each, silent="about itself") if each.signer == signer else each for each in lists
    )
    return any(signer in revoked_signers(_joined(own)) for own in _by_id(heard))


def _why_silent(
    signer: str, lists: Iterable[SignedList[RevocationList]], revoked: Collection[str]
) -> str:
    """Return why a revoked signer's lists are silent: of two who revoke each other, both are.

    Which of them is the thief, no list can tell: the dates in it are its signer's own.
    """
    by = sorted(
        {
            each.signer
            for each in lists
            if each.signer != signer
            and each.signer in revoked
            and signer in revoked_signers(each.content.entries)
        }
    )
    if not by:
        return "its signer is revoked"
    return (
        f"its signer is revoked by {by[0]:.200}, who is revoked too: take whoever must not count "
        "out of your trust file"
    )


def signer_of(target: Target) -> str:
    """Return a revoked signer in the words in which a list names its own."""
    return signer_name(target.signer, target.issuer or None)


def _revocation_rank(entry: Revocation) -> tuple[float, bool, str]:
    return entry.latest.timestamp(), entry.lifted is None, entry.reason


def merged_releases(indexes: Iterable[ReleaseIndex]) -> tuple[Release, ...]:
    """Return the releases of several indexes of one environment.

    Two that were made at the same moment both stay: whoever judges cannot tell which is meant.
    """
    found: dict[str, list[Release]] = {}
    for release in (release for each in indexes for release in each.releases):
        others = found.setdefault(release.model, [])
        if not others or release.released_on > others[0].released_on:
            found[release.model] = [release]
        elif release.released_on == others[0].released_on and release not in others:
            others.append(release)
    return tuple(release for model in sorted(found) for release in found[model])
