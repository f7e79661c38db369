"""Reads a trust file strictly: one meaning only, every problem with its line."""

import re
from collections.abc import Callable
from typing import TypeVar

from aigf_dvc.attestation.trust import (
    Engine,
    Period,
    Person,
    TrustedIdentity,
    TrustedKey,
    TrustFile,
)
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.policy.section import Problems, Section, shown
from aigf_dvc.strict_yaml import Document, read_strict

SCHEMA = "https://aigf-dvc.readthedocs.io/trust/v1"

_ROLE = re.compile(r"[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?\Z")
_ROLE_FORM = "1 to 32 lower-case letters and digits, with _ - between them"
_LONGEST_NAME = 64
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\Z")
_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{64}\Z")
_Value = TypeVar("_Value")


def is_role(text: str) -> bool:
    """Tell whether a text has the form of a role's name."""
    return _ROLE.match(text) is not None


def read_trust(data: bytes, *, where: str) -> TrustFile:
    """Read a trust file; keys and roots that it names by file are not opened here.

    Raises:
        InputError: the file is not valid; the message names every problem with its line.
    """
    document = read_strict(data, where=where)
    if not isinstance(document.value, dict) or not document.value:
        raise InputError(
            f"the trust file is {shown(document.value)}", where=where,
            expected="a mapping with `schema`, `id`, `people` and `roles`",
            hint="start from templates/trust.yaml",
        )  # fmt: skip
    problems = Problems(document)
    top = Section(document.value, (), problems)
    if top.text("schema") not in (SCHEMA, ""):
        top.refuse("schema", "an unknown schema", SCHEMA)
    people = tuple(_each(top, "people", lambda section, name: _person(section, name, document)))
    engines = tuple(_each(top, "engines", lambda section, name: _engine(section, name, document)))
    trust = TrustFile(
        id=top.text("id"),
        sha256=sha256(data),
        where=where,
        people=people,
        roles=_roles(top, tuple(person.name for person in people)),
        engines=engines,
        expires=top.day("expires"),
        trusted_root=top.text("trusted_root", default=""),
    )
    if not people and not engines:
        top.refuse(None, "a trust file that trusts nobody", "`people:`, `engines:` or both")
    _refuse_shared(top, people)
    top.finish()
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


def _person(section: Section, name: str, document: Document) -> Person:
    emails = section.texts("emails") if section.has("emails") else ()
    for email in emails:
        if not _EMAIL.match(email):
            section.refuse("emails", f"the address {shown(email)}", "NAME@DOMAIN")
    person = Person(
        name=name,
        emails=emails,
        keys=tuple(_keys(section, document)),
        identities=tuple(_identities(section)),
    )
    _demand_one_way(section, person)
    return person


def _engine(section: Section, name: str, document: Document) -> Engine:
    engine = Engine(
        name=name,
        types=section.choices("types", VerdictType, ()),
        verifier=section.text("verifier", default=""),
        keys=tuple(_keys(section, document)),
        identities=tuple(_identities(section)),
    )
    if not section.has("types"):
        section.refuse(None, "an engine without `types`", f"`types:` of {', '.join(VerdictType)}")
    _demand_one_way(section, engine)
    return engine


def _demand_one_way(section: Section, signer: Person | Engine) -> None:
    if not section.has("keys") and not section.has("identities"):
        section.refuse(
            None, f"nothing that {signer.name} could sign with", "`keys:` or `identities:`"
        )


def _keys(section: Section, document: Document) -> list[TrustedKey]:
    found = []
    for item in section.sections("keys") if section.has("keys") else ():
        pem, file = item.text("pem", default=""), item.text("file", default="")
        if bool(pem) == bool(file):
            item.refuse(None, "both or neither of `pem` and `file`", "one of them: the public key")
        fingerprint = item.text("fingerprint", default="")
        if fingerprint and not _FINGERPRINT.match(fingerprint):
            item.refuse("fingerprint", shown(fingerprint), "`sha256:` and 64 hexadecimal digits")
        place = document.place(*item.path)
        found.append(
            TrustedKey(
                where=place, pem=pem, file=file, fingerprint=fingerprint, period=_period(item)
            )
        )
        item.finish()
    return found


def _identities(section: Section) -> list[TrustedIdentity]:
    found = []
    for item in section.sections("identities") if section.has("identities") else ():
        identity, issuer = item.text("identity"), item.text("issuer")
        found.append(TrustedIdentity(identity=identity, issuer=issuer, period=_period(item)))
        item.finish()
    return found


def _period(section: Section) -> Period:
    period = Period(first=section.day("valid_from"), last=section.day("valid_until"))
    if period.first and period.last and period.last < period.first:
        section.refuse("valid_until", "it ends before it begins", "a day after valid_from")
    return period


def _roles(top: Section, people: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    roles = top.section("roles")
    found: dict[str, tuple[str, ...]] = {}
    for role in roles.names() if roles is not None else ():
        if roles is None:
            continue
        if not is_role(role):
            roles.refuse(role, f"the role {shown(role)}", _ROLE_FORM)
        names = roles.texts(role)
        for name in names:
            if name not in people:
                roles.refuse(role, f"the unknown person {shown(name)}", "a name under `people:`")
        found[role] = names
    return found


def _refuse_shared(top: Section, people: tuple[Person, ...]) -> None:
    """Refuse what two people share: nobody could tell which of them has signed."""
    owners: dict[str, str] = {}
    for person in people:
        own = {email.casefold() for email in person.emails}
        own |= {f"{item.issuer} {item.identity}" for item in person.identities}
        own |= {item.file or "\n".join(item.pem.split()) for item in person.keys}
        for thing in sorted(own):
            other = owners.setdefault(thing, person.name)
            if other != person.name:
                top.refuse("people", f"{other} and {person.name} share {shown(thing)}",
                           "people with keys, identities and addresses of their own")  # fmt: skip
