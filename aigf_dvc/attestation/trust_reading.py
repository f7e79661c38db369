"""Reads a trust file strictly: one meaning only, every problem with its line."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from aigf_dvc.attestation.trust import Authority, Pinned, TrustFile
from aigf_dvc.attestation.trust_demands import read_demands, read_digest
from aigf_dvc.attestation.trust_signers import read_engine, read_person, read_service
from aigf_dvc.attestation.trust_whole import problems_of
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.section import Problems, Section, shown
from aigf_dvc.strict_yaml import Document, read_strict

SCHEMA = "https://aigf-dvc.readthedocs.io/trust/v1"

_ROLE = lazy_pattern(r"[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?\Z")
_ROLE_FORM = "1 to 32 lower-case letters and digits, with _ - between them"
_LONGEST_NAME = 64
_MOST_INCLUDES = 8
_NO_DIGEST = Sha256("")  # a stand-in: the file is refused
_Value = TypeVar("_Value")


def is_role(text: str) -> bool:
    """Tell whether a text has the form of a role's name."""
    return _ROLE.match(text) is not None


def read_trust(data: bytes, *, where: str) -> TrustFile:
    """Read a trust file; what it names by file is not opened here.

    A file that includes others is whole only together with them: see `trust_includes`.

    Raises:
        InputError: the file is not valid; the message names every problem with its line.
    """
    document = read_strict(data, where=where)
    if not isinstance(document.value, dict) or not document.value:
        found = "an empty trust file" if not document.value else shown(document.value)
        raise InputError(
            found, where=where,
            expected="a mapping with `schema`, `id`, `people` and `roles`",
            hint="`aigf trust init FILE` writes one to begin with",
        )  # fmt: skip
    problems = Problems(document)
    top = Section(document.value, (), problems)
    if top.text("schema") not in (SCHEMA, ""):
        top.refuse("schema", "an unknown schema", SCHEMA)
    trust = TrustFile(
        id=top.text("id"),
        sha256=sha256(data),
        where=where,
        people=tuple(_each(top, "people", lambda one, name: read_person(one, name, document))),
        services=tuple(_each(top, "services", lambda one, name: read_service(one, name, document))),
        roles=_roles(top),
        engines=tuple(_each(top, "engines", lambda one, name: read_engine(one, name, document))),
        expires=top.day("expires"),
        trusted_root=top.text("trusted_root", default=""),
        trusted_roots=dict(
            _each(top, "trusted_roots", lambda one, name: (name, _pinned(one, document)))
        ),
        authorities=dict(
            _each(top, "authorities", lambda one, name: (name, _authority(one, document)))
        ),
        demands=read_demands(top),
        includes=_includes(top, document),
        open_roles=_open_roles(top),
        places=_places(document),
    )
    if not (trust.people or trust.services or trust.engines or trust.includes or trust.open_roles):
        top.refuse(
            None, "a trust file that trusts nobody",
            "`people:`, `services:`, `engines:`, `includes:` or `open_roles:`",
            "`aigf trust add FILE NAME --key PUB --role attest` names the first signer",
        )  # fmt: skip
    top.finish()
    if not trust.includes:
        problems.found.extend(problems_of(trust))
    problems.raise_any()
    return trust


def _each(top: Section, key: str, read: Callable[[Section, str], _Value]) -> list[_Value]:
    """Read the mappings below a key, by their names."""
    named = top.section(key)
    found = []
    for name in named.names() if named is not None else ():
        section = named.section(name) if named is not None else None
        if section is None:
            continue
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            section.refuse(None, f"the name {shown(name)}", "a printable name of 64 characters")
        found.append(read(section, name))
        section.finish()
    return found


def _pinned(section: Section, document: Document) -> Pinned:
    return Pinned(
        where=document.place(*section.path),
        file=section.text("file"),
        sha256=read_digest(section, "sha256", section.text("sha256")) or _NO_DIGEST,
    )


def _authority(section: Section, document: Document) -> Authority:
    found: dict[str, Pinned | None] = {}
    for key in ("certificates", "timestamps"):
        inner = section.section(key)
        found[key] = _pinned(inner, document) if inner is not None else None
        if inner is not None:
            inner.finish()
    times = found["timestamps"]
    if times is None:
        section.refuse(
            None, "an authority without `timestamps`", "who tells the time: file, sha256"
        )
        times = Pinned(where="", file="", sha256=_NO_DIGEST)
    place = document.place(*section.path)
    return Authority(where=place, certificates=found["certificates"], timestamps=times)


def _includes(top: Section, document: Document) -> tuple[Pinned, ...]:
    found = []
    for section in top.sections("includes") if top.has("includes") else ():
        found.append(_pinned(section, document))
        section.finish()
    if len(found) > _MOST_INCLUDES:
        top.refuse("includes", f"{len(found)} files", f"at most {_MOST_INCLUDES}")
    return tuple(found)


def _roles(top: Section) -> dict[str, tuple[str, ...]]:
    roles = top.section("roles")
    found: dict[str, tuple[str, ...]] = {}
    for role in roles.names() if roles is not None else ():
        if roles is None:
            continue
        if not is_role(role):
            roles.refuse(role, f"the role {shown(role)}", _ROLE_FORM)
        found[role] = roles.texts(role)
    return found


def _open_roles(top: Section) -> tuple[str, ...]:
    names = top.texts("open_roles") if top.has("open_roles") else ()
    for name in names:
        if not is_role(name):
            top.refuse("open_roles", f"the role {shown(name)}", _ROLE_FORM)
    return names


def _places(document: Document) -> Mapping[str, str]:
    """Return where each key of the first two levels stands."""
    found = {}
    for path in document.lines:
        if path and len(path) <= 2 and all(isinstance(part, str) for part in path):  # noqa: PLR2004
            found[".".join(map(str, path))] = document.place(*path)
    return found
