"""Joins the lists of one id: two people who write at the same time lose nothing.

All lists count, not the newest alone, and of two entries about one thing the one changed last. So
an entry cannot vanish, even from a list whose writer did not know of it.
"""

from collections.abc import Iterable

from aigf_dvc.attestation.lists.head import SignedList
from aigf_dvc.attestation.lists.releases import Release, ReleaseIndex
from aigf_dvc.attestation.lists.revocations import Revocation, RevocationList, Target


def merged_revocations(lists: Iterable[RevocationList]) -> tuple[Revocation, ...]:
    """Return the entries of several lists; at a tie what is revoked stays revoked."""
    found: dict[Target, Revocation] = {}
    for entry in (entry for each in lists for entry in each.entries):
        other = found.get(entry.target)
        if other is None or _revocation_rank(entry) > _revocation_rank(other):
            found[entry.target] = entry
    return tuple(sorted(found.values(), key=lambda entry: str(entry.target)))


def all_revocations(lists: Iterable[SignedList[RevocationList]]) -> tuple[Revocation, ...]:
    """Return the entries of lists of any id; each id is joined on its own."""
    by_id: dict[str, list[RevocationList]] = {}
    for each in lists:
        by_id.setdefault(each.head.id, []).append(each.content)
    return tuple(entry for own in by_id.values() for entry in merged_revocations(own))


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
