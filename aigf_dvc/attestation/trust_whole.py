"""Finds what is wrong in a trust file as a whole: names that nothing has, things that two share."""

from collections.abc import Iterator

from aigf_dvc.attestation.trust import (
    ATTEST,
    SERVICE_ROLES,
    Owner,
    Person,
    Service,
    TrustedCertificate,
    TrustedIdentity,
    TrustedKey,
    TrustFile,
)
from aigf_dvc.errors import InputError
from aigf_dvc.policy.section import shown


def problems_of(trust: TrustFile) -> list[InputError]:
    """Return what is wrong in a trust file, with all that it includes."""
    return [
        *_shared_names(trust),
        *_shared_means(trust),
        *_unknown_in_roles(trust),
        *_unknown_means(trust),
        *_unreachable(trust),
    ]


def _shared_names(trust: TrustFile) -> Iterator[InputError]:
    seen: set[str] = set()
    for owner in trust.owners():
        if owner.name in seen:
            yield InputError(
                f"the name {shown(owner.name)} stands for two", where=owner.where,
                expected="a name of its own for each of the people and services",
            )  # fmt: skip
        seen.add(owner.name)


def _shared_means(trust: TrustFile) -> Iterator[InputError]:
    """Refuse what two share: nobody could tell which of them has signed."""
    owners: dict[str, str] = {}
    for owner in trust.owners():
        for thing in sorted(_own(owner)):
            other = owners.setdefault(thing, owner.name)
            if other != owner.name:
                yield InputError(
                    f"{other} and {owner.name} share {_named(thing)}", where=owner.where,
                    expected="people and services with keys, identities and addresses of their own",
                )  # fmt: skip


def _named(thing: str) -> str:
    return "a key" if thing.startswith("-----BEGIN") else shown(thing)


def _own(owner: Person | Service) -> set[str]:
    means = owner.means
    own = {email.casefold() for email in owner.emails} if isinstance(owner, Person) else set()
    own |= {
        " ".join([one.issuer, one.identity, one.source_repository, one.source_ref,
                  one.runner_environment, one.trusted_root]).strip()
        for one in means.identities
    }  # fmt: skip
    own |= {f"{one.authority} {one.identity}" for one in means.certificates}
    return own | {one.file or "\n".join(one.pem.split()) for one in means.keys}


def _unknown_in_roles(trust: TrustFile) -> Iterator[InputError]:
    people = {person.name for person in trust.people}
    services = {service.name for service in trust.services}
    for role, names in trust.roles.items():
        where = trust.place(f"roles.{role}")
        for name in names:
            if name in people or (name in services and role in SERVICE_ROLES):
                continue
            if name in services:
                yield InputError(
                    f"the service {shown(name)} as {role}", where=where, expected="people",
                    hint=f"services may {', '.join(SERVICE_ROLES)}",
                )  # fmt: skip
            else:
                kind = "name" if role in SERVICE_ROLES else "person"
                known = "`people:` or `services:`" if role in SERVICE_ROLES else "`people:`"
                yield InputError(
                    f"the unknown {kind} {shown(name)}", where=where,
                    expected=f"a name under {known}",
                )  # fmt: skip


def _unknown_means(trust: TrustFile) -> Iterator[InputError]:
    owners: tuple[Owner, ...] = (*trust.owners(), *trust.engines)
    for owner in owners:
        rooted: list[TrustedKey | TrustedIdentity] = [*owner.means.identities, *owner.means.keys]
        for means in rooted:
            if means.trusted_root and means.trusted_root not in trust.trusted_roots:
                yield InputError(
                    f"the unknown root {shown(means.trusted_root)}", where=means.where,
                    expected="a name under `trusted_roots:`",
                )  # fmt: skip
        named: list[TrustedKey | TrustedCertificate] = [
            *owner.means.certificates,
            *(one for one in owner.means.keys if one.authority),
        ]
        for one in named:
            authority = trust.authorities.get(one.authority)
            if authority is None:
                yield InputError(
                    f"the unknown authority {shown(one.authority)}", where=one.where,
                    expected="a name under `authorities:`",
                )  # fmt: skip
            elif authority.certificates is None and isinstance(one, TrustedCertificate):
                yield InputError(
                    f"{shown(one.authority)} issues no certificates", where=one.where,
                    expected="an authority with `certificates:`",
                )  # fmt: skip


def _unreachable(trust: TrustFile) -> Iterator[InputError]:
    able = len(trust.roles.get(ATTEST, ()))
    wanted = trust.demands.attesters
    if wanted > max(able, 1) and ATTEST not in trust.open_roles:
        yield InputError(
            f"{wanted} must attest, and {able} may", where=trust.place("demands.thresholds"),
            expected="as many under `roles: attest:`",
        )  # fmt: skip
