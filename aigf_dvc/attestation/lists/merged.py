"""Joins the lists of one id: two people who write at the same time lose nothing.

All lists count, not the newest alone, and of two entries about one thing the one changed last. So
an entry cannot vanish, even from a list whose writer did not know of it.
"""

from collections.abc import Iterable

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

    Whoever is revoked as a signer, by anybody but themselves, can take nothing back any more: what
    they revoked counts beside the other lists, and changes nothing in them.

    Args:
        lists: of all ids: one may revoke who signs another.
        only: the id whose entries are wanted, the entries of those who are revoked first.
    """
    known = tuple(lists)
    signers = {each.signer for each in known}
    revoked = {signer for signer in signers if _is_revoked(signer, known)}
    asked = [each for each in known if only in (None, each.head.id)]
    kept = dict.fromkeys(
        entry
        for each in asked
        if each.signer in revoked
        for entry in each.content.entries
        if entry.lifted is None
    )
    trusted = (each for each in asked if each.signer not in revoked)
    return (*kept, *(entry for own in _by_id(trusted) for entry in merged_revocations(own)))


def _by_id(
    lists: Iterable[SignedList[RevocationList]],
) -> Iterable[list[RevocationList]]:
    found: dict[str, list[RevocationList]] = {}
    for each in lists:
        found.setdefault(each.head.id, []).append(each.content)
    return found.values()


def _is_revoked(signer: str, lists: Iterable[SignedList[RevocationList]]) -> bool:
    """Tell whether others say that a signer counts no more, whatever the signer says."""
    others = (each for each in lists if each.signer != signer)
    return any(
        entry.lifted is None and entry.target.kind is Kind.SIGNER and _name(entry) == signer
        for own in _by_id(others)
        for entry in merged_revocations(own)
    )


def _name(entry: Revocation) -> str:
    """Return a revoked signer in the words in which a list names its own."""
    return signer_name(entry.target.signer, entry.target.issuer or None)


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
