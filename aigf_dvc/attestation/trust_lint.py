"""Finds what a trust file says that was probably not meant, or will soon not hold."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.attestation.trust import (
    ATTEST,
    ROLES,
    LogDemand,
    Means,
    Period,
    Person,
    Service,
    TrustFile,
    Wish,
)
from aigf_dvc.close_names import close_names
from aigf_dvc.lazy_pattern import lazy_pattern

SOON = timedelta(days=30)
_NEARLY = 0.8  # so much of a role's name agrees with one of ours that it was probably meant
_ANY_OWNER = lazy_pattern(r"https?://[^/]+/\*")


@unique
class Level(StrEnum):
    """How bad a remark is."""

    ERROR = "error"  # nothing will be accepted
    WARNING = "warning"
    NOTE = "note"


class Remark(Struct, frozen=True, kw_only=True):
    """One thing to look at."""

    level: Level
    where: str
    text: str


def lint_trust(trust: TrustFile, today: date) -> tuple[Remark, ...]:
    """Return what to look at in a trust file, the worst first."""
    found = [*_ends(trust, today), *_attesters(trust), *_owners(trust, today), *_wide(trust)]
    found += mistyped_roles(trust, trust.roles)
    return tuple(sorted(found, key=lambda remark: list(Level).index(remark.level)))


def mistyped_roles(trust: TrustFile, roles: Iterable[str]) -> Iterator[Remark]:
    """Yield which roles let nobody do what was probably meant: any name is one to approve as."""
    for role in roles:
        meant = close_names(role, ROLES, cutoff=_NEARLY) if role not in ROLES else []
        if meant:
            yield Remark(
                level=Level.WARNING, where=trust.place(f"roles.{role}"),
                text=f"{role!r} is a role for approvals only; is {meant[0]!r} meant?",
            )  # fmt: skip


def _ends(trust: TrustFile, today: date) -> Iterator[Remark]:
    last, where = trust.expires, trust.place("expires")
    if last is None:
        yield Remark(level=Level.NOTE, where=where, text="it never expires: name an `expires:`")
    elif last < today:
        yield Remark(level=Level.ERROR, where=where, text=f"it expired on {last}")
    elif last <= today + SOON:
        yield Remark(level=Level.WARNING, where=where, text=f"it expires soon, on {last}")


def _attesters(trust: TrustFile) -> Iterator[Remark]:
    owners = [one for one in trust.owners() if one.name in trust.roles.get(ATTEST, ())]
    if owners:
        for text in _impossible(trust, [owner.means for owner in owners]):
            yield Remark(level=Level.ERROR, where=trust.place(f"roles.{ATTEST}"), text=text)
    elif ATTEST not in trust.open_roles:
        yield Remark(
            level=Level.WARNING, where=trust.place("roles"),
            text="nobody may attest: `aigf verify` needs --key or --identity beside it",
        )  # fmt: skip
    if trust.demands.policies is None:
        yield Remark(
            level=Level.NOTE, where=trust.place("demands"),
            text="no `policies:` are demanded: each `aigf verify` must name one",
        )  # fmt: skip


def _impossible(trust: TrustFile, means: list[Means]) -> Iterator[str]:
    """Yield the demands that nobody who may attest can meet."""
    demands = trust.demands
    if demands.log is LogDemand.REQUIRED and not any(one.identities or one.keys for one in means):
        yield "`transparency_log: required`, and certificates of one's own PKI stand in none"
    if demands.log is LogDemand.REFUSED and not any(one.keys or one.certificates for one in means):
        yield "`transparency_log: refused`, and whoever may attest signs into a log"
    if demands.timestamp is Wish.REQUIRED and not any(map(_may_be_timed, means)):
        yield "`timestamp: required`, and no key of whoever may attest has an `authority:`"


def _may_be_timed(means: Means) -> bool:
    return bool(means.identities or means.certificates) or any(key.authority for key in means.keys)


def _owners(trust: TrustFile, today: date) -> Iterator[Remark]:
    for owner in trust.owners():
        roles = trust.roles_of(owner.name)
        if not roles:
            yield Remark(level=Level.WARNING, where=owner.where, text=f"{owner.name} has no role")
            continue
        periods = _periods(owner)
        now = [period for period in periods if not period.why_not(today)]
        later = [period for period in periods if not period.why_not(today + SOON)]
        what = ", ".join(roles)
        if not now:
            yield Remark(
                level=Level.WARNING, where=owner.where,
                text=f"no key or identity of {owner.name} ({what}) is valid today",
            )  # fmt: skip
        elif not later:
            yield Remark(
                level=Level.WARNING, where=owner.where,
                text=f"the last key or identity of {owner.name} ({what}) ends within "
                f"{SOON.days} days: add its successor",
            )  # fmt: skip


def _periods(owner: Person | Service) -> list[Period]:
    means = owner.means
    return [
        *(key.period for key in means.keys),
        *(identity.period for identity in means.identities),
        *(certificate.period for certificate in means.certificates),
    ]


def _wide(trust: TrustFile) -> Iterator[Remark]:
    for owner in trust.owners():
        for one in owner.means.identities:
            if _ANY_OWNER.match(one.identity) and not one.source_repository:
                yield Remark(
                    level=Level.WARNING, where=one.where,
                    text=f"{one.identity!r} lets anybody in who has an account there",
                )  # fmt: skip
