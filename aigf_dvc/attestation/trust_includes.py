"""Joins a trust file with those that it includes: it may tighten what they say, never loosen it.

Whatever the joined file accepts, each included file accepts, too, except by roles that it leaves
open (`open_roles`). Each key has its own rule; what would loosen is refused with its line.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from posixpath import join
from typing import TypeVar

from msgspec.structs import replace

from aigf_dvc.attestation.trust import (
    REVOKE,
    Authority,
    LogDemand,
    Means,
    Owner,
    Pinned,
    TrustDemands,
    TrustFile,
    Wish,
)
from aigf_dvc.attestation.trust_whole import problems_of
from aigf_dvc.errors import InputError
from aigf_dvc.policy.section import raise_together, shown

ENGINES = "engines"
"""What stands among `open_roles` where an including file may name engines."""

_Named = TypeVar("_Named", Pinned, Authority)


def include(own: TrustFile, included: tuple[tuple[str, TrustFile], ...]) -> TrustFile:
    """Return a trust file with all that it includes.

    Args:
        own: the file that includes.
        included: the whole included files, each with its folder, relative to that of `own`.

    Raises:
        InputError: something would loosen an included file, or does not fit together.
    """
    problems: list[InputError] = []
    base = own
    for position, (folder, found) in enumerate(included):
        moved = _moved(found, folder)
        base = moved if position == 0 else _beside(base, moved, problems)
    whole = _tightened(base, own, problems)
    problems += problems_of(whole)
    if problems:
        raise_together(problems, where=own.where)
    return whole


def _moved(trust: TrustFile, folder: str) -> TrustFile:
    """Return a trust file whose files are named from another folder."""

    def pinned(one: Pinned) -> Pinned:
        return replace(one, file=join(folder, one.file))

    def means(owner: Owner) -> Means:
        keys = (replace(k, file=join(folder, k.file) if k.file else "") for k in owner.means.keys)
        return replace(owner.means, keys=tuple(keys))

    def authority(one: Authority) -> Authority:
        certificates = pinned(one.certificates) if one.certificates else None
        return replace(one, certificates=certificates, timestamps=pinned(one.timestamps))

    return replace(
        trust,
        people=tuple(replace(one, means=means(one)) for one in trust.people),
        services=tuple(replace(one, means=means(one)) for one in trust.services),
        engines=tuple(replace(one, means=means(one)) for one in trust.engines),
        trusted_root=join(folder, trust.trusted_root) if trust.trusted_root else "",
        trusted_roots={name: pinned(one) for name, one in trust.trusted_roots.items()},
        authorities={name: authority(one) for name, one in trust.authorities.items()},
    )


def _beside(one: TrustFile, other: TrustFile, problems: list[InputError]) -> TrustFile:
    """Return two included files as one that is as strict as both."""
    problems += [
        InputError(
            f"{one.where} fills the role {role}, too", where=other.place(f"roles.{role}"),
            expected="each role in one of the included files",
        )
        for role in sorted(one.roles.keys() & other.roles.keys())
    ]  # fmt: skip
    problems += [*_not_left_open(one, other), *_not_left_open(other, one)]
    if one.trusted_root != other.trusted_root:
        problems.append(
            InputError(
                f"{one.where} has another `trusted_root`", where=other.place("trusted_root"),
                expected="`trusted_roots:` with names, where included files differ",
            )
        )  # fmt: skip
    logs = {one.demands.log, other.demands.log}
    if logs == {LogDemand.REQUIRED, LogDemand.REFUSED}:
        problems.append(
            InputError(
                f"{one.where} demands `transparency_log: {one.demands.log}`",
                where=other.place("demands.transparency_log"), expected="the same of both",
            )
        )  # fmt: skip
    return replace(
        _joined(one, other, problems),
        roles={**one.roles, **other.roles},
        expires=_earlier(one.expires, other.expires),
        demands=_strictest(one.demands, other.demands),
        trusted_root=one.trusted_root,
        open_roles=tuple(role for role in one.open_roles if role in other.open_roles),
        places={**other.places, **one.places},
    )


def _not_left_open(filling: TrustFile, other: TrustFile) -> Iterator[InputError]:
    """Yield what one included file fills, and another neither fills nor leaves open."""
    filled = [*filling.roles, *([ENGINES] if filling.engines else [])]
    shut = [role for role in filled if role not in other.open_roles and role not in other.roles]
    if shut:
        yield InputError(
            f"{filling.where} fills {', '.join(shut)}, and this file leaves it to nobody",
            where=other.place("open_roles"), expected=f"`open_roles: [{', '.join(shut)}]`",
        )  # fmt: skip


def _tightened(base: TrustFile, own: TrustFile, problems: list[InputError]) -> TrustFile:
    problems += _loosened_roles(base, own)
    problems += _loosened_rest(base, own)
    problems += _loosened_demands(base.demands, own)
    return replace(
        _joined(own, base, problems),
        id=own.id,
        sha256=own.sha256,
        where=own.where,
        roles={**base.roles, **own.roles},
        expires=_earlier(base.expires, own.expires),
        demands=_strictest(base.demands, own.demands),
        trusted_root=base.trusted_root,
        includes=own.includes,
        open_roles=tuple(role for role in own.open_roles if role in base.open_roles),
        places={**base.places, **own.places},
    )


def _joined(one: TrustFile, other: TrustFile, problems: list[InputError]) -> TrustFile:
    """Return the signers, roots and authorities of both; each name has one meaning."""
    return replace(
        one,
        people=(*other.people, *one.people),
        services=(*other.services, *one.services),
        engines=(*other.engines, *one.engines),
        trusted_roots=_once(other.trusted_roots, one.trusted_roots, problems),
        authorities=_once(other.authorities, one.authorities, problems),
    )


def _once(
    first: Mapping[str, _Named], second: Mapping[str, _Named], problems: list[InputError]
) -> dict[str, _Named]:
    problems += [
        InputError(
            f"the name {shown(name)} is that of an included file", where=second[name].where,
            expected="another name",
        )
        for name in sorted(first.keys() & second.keys())
    ]  # fmt: skip
    return {**first, **second}


def _loosens(found: str, own: TrustFile, key: str, expected: str) -> InputError:
    return InputError(
        f"it loosens an included file: {found}", where=own.place(key), expected=expected
    )


def _loosened_roles(base: TrustFile, own: TrustFile) -> Iterator[InputError]:
    for role, names in own.roles.items():
        filled, key = base.roles.get(role), f"roles.{role}"
        if filled is None:
            if role not in base.open_roles:
                yield _loosens(
                    f"it fills the role {role}", own, key, f"`open_roles: [{role}]` there, or none"
                )
            continue
        added = [name for name in names if name not in filled]
        if role == REVOKE:  # fewer names are looser; more are, too: they may lift what others say
            gone = [name for name in filled if name not in names]
            if gone:
                yield _loosens(
                    f"{', '.join(gone)} may not revoke", own, key, "all who may revoke there"
                )
            if role in base.open_roles:
                continue
        if added:
            yield _loosens(
                f"{', '.join(added)} as {role}", own, key, f"some of {', '.join(filled)}"
            )


def _loosened_rest(base: TrustFile, own: TrustFile) -> Iterator[InputError]:
    if own.expires and base.expires and own.expires > base.expires:
        yield _loosens(f"expires {own.expires}", own, "expires", f"{base.expires} or earlier")
    if own.engines and (base.engines or ENGINES not in base.open_roles):
        yield _loosens("more engines", own, "engines", f"`open_roles: [{ENGINES}]` there, or none")
    if own.trusted_root and own.trusted_root != base.trusted_root:
        yield _loosens(
            "another root for its identities", own, "trusted_root",
            "`trusted_roots:` with a name, for your own identities",
        )  # fmt: skip
    shut = [role for role in own.open_roles if role not in base.open_roles]
    if shut:
        yield _loosens(
            f"it leaves {', '.join(shut)} open", own, "open_roles", "only what is open there"
        )


def _loosened_demands(base: TrustDemands, own: TrustFile) -> Iterator[InputError]:
    said = own.demands
    if base.policies is not None and said.policies is not None:
        added = sorted(said.policies - base.policies)
        if added:
            yield _loosens(
                f"the policy sha256:{added[0]}", own, "demands.policies", "some of those there"
            )
    rules: tuple[tuple[str, object, object, bool], ...] = (
        ("thresholds", said.attesters, base.attesters, said.attesters < base.attesters),
        ("transparency_log", said.log, base.log, base.log not in (LogDemand.OPTIONAL, said.log)),
        ("timestamp", said.timestamp, base.timestamp, _is_less(said.timestamp, base.timestamp)),
        ("max_age", said.max_age, base.max_age, _is_longer(said.max_age, base.max_age)),
        ("min_trust", said.min_trust, base.min_trust, said.min_trust.rank < base.min_trust.rank),
        ("revocations", said.revocations, base.revocations,
         _is_less(said.revocations, base.revocations)),
        ("releases", said.releases, base.releases, _is_less(said.releases, base.releases)),
    )  # fmt: skip
    for key, value, least, loosens in rules:
        if loosens and f"demands.{key}" in own.places:
            yield _loosens(
                f"`{key}: {_words(value)}`", own, f"demands.{key}", f"{_words(least)}, or stricter"
            )


def _words(value: object) -> str:
    return f"{value.days}d" if isinstance(value, timedelta) else str(value)


def _is_less(said: Wish, least: Wish) -> bool:
    return least is Wish.REQUIRED and said is not Wish.REQUIRED


def _is_longer(said: timedelta | None, most: timedelta | None) -> bool:
    return said is not None and most is not None and said > most


def _strictest(one: TrustDemands, other: TrustDemands) -> TrustDemands:
    """Return demands that hold only when both hold."""
    policies = one.policies if other.policies is None else other.policies
    if one.policies is not None and other.policies is not None:
        policies = one.policies & other.policies
    return TrustDemands(
        policies=policies,
        attesters=max(one.attesters, other.attesters),
        log=other.log if one.log is LogDemand.OPTIONAL else one.log,
        timestamp=_either(one.timestamp, other.timestamp),
        max_age=_shorter(one.max_age, other.max_age),
        min_trust=max(one.min_trust, other.min_trust, key=lambda level: level.rank),
        source_repositories=(*one.source_repositories, *other.source_repositories),
        revocations=_either(one.revocations, other.revocations),
        revocation_lists=tuple(dict.fromkeys((*one.revocation_lists, *other.revocation_lists))),
        releases=_either(one.releases, other.releases),
    )


def _either(one: Wish, other: Wish) -> Wish:
    return Wish.REQUIRED if Wish.REQUIRED in (one, other) else Wish.OPTIONAL


def _shorter(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return min(one, other) if one and other else one or other


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other
