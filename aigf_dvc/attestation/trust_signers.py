"""Reads what the signers of a trust file may sign with, and what they may speak about."""

from aigf_dvc.attestation.name_pattern import is_pattern, why_no_pattern
from aigf_dvc.attestation.trust import (
    Engine,
    Means,
    Period,
    Person,
    Scope,
    Service,
    TrustedCertificate,
    TrustedIdentity,
    TrustedKey,
)
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.strict_yaml import Document

_EMAIL = lazy_pattern(r"[^@\s<>]+@[^@\s<>]+\Z")
_FINGERPRINT = lazy_pattern(r"sha256:[0-9a-f]{64}\Z")


def read_person(section: Section, name: str, document: Document) -> Person:
    """Read somebody who may sign."""
    emails = section.texts("emails") if section.has("emails") else ()
    for email in emails:
        if not _EMAIL.match(email):
            section.refuse("emails", f"the address {shown(email)}", "NAME@DOMAIN")
    return Person(
        name=name,
        where=document.place(*section.path),
        emails=emails,
        means=_means(section, name, document),
        scope=_scope(section),
    )


def read_service(section: Section, name: str, document: Document) -> Service:
    """Read a machine that signs."""
    return Service(
        name=name,
        where=document.place(*section.path),
        means=_means(section, name, document),
        scope=_scope(section),
    )


def read_engine(section: Section, name: str, document: Document) -> Engine:
    """Read a program that judges models, too."""
    engine = Engine(
        name=name,
        where=document.place(*section.path),
        types=section.choices("types", VerdictType, ()),
        verifier=section.text("verifier", default=""),
        means=_means(section, name, document),
    )
    if not section.has("types"):
        section.refuse(None, "an engine without `types`", f"`types:` of {', '.join(VerdictType)}")
    return engine


def _means(section: Section, name: str, document: Document) -> Means:
    if not any([section.has("keys"), section.has("identities"), section.has("certificates")]):
        section.refuse(
            None,
            f"nothing that {name} could sign with",
            "`keys:`, `identities:` or `certificates:`",
        )
    return Means(
        keys=tuple(_key(item, document) for item in _items(section, "keys")),
        identities=tuple(_identity(item, document) for item in _items(section, "identities")),
        certificates=tuple(
            _certificate(item, document) for item in _items(section, "certificates")
        ),
    )


def _items(section: Section, key: str) -> list[Section]:
    return section.sections(key) if section.has(key) else []


def _scope(section: Section) -> Scope:
    def texts(key: str) -> tuple[str, ...]:
        return section.texts(key) if section.has(key) else ()

    return Scope(predicate_types=texts("predicate_types"), environments=texts("environments"))


def _key(item: Section, document: Document) -> TrustedKey:
    pem, file = item.text("pem", default=""), item.text("file", default="")
    if bool(pem) == bool(file):
        item.refuse(None, "both or neither of `pem` and `file`", "one of them: the public key")
    fingerprint = item.text("fingerprint", default="")
    if fingerprint and not _FINGERPRINT.match(fingerprint):
        item.refuse("fingerprint", shown(fingerprint), "`sha256:` and 64 hexadecimal digits")
    key = TrustedKey(
        where=document.place(*item.path),
        pem=pem,
        file=file,
        fingerprint=fingerprint,
        authority=item.text("authority", default=""),
        trusted_root=item.text("trusted_root", default=""),
        period=_period(item),
    )
    item.finish()
    return key


def _identity(item: Section, document: Document) -> TrustedIdentity:
    exact, pattern = item.text("identity", default=""), item.text("identity_pattern", default="")
    if bool(exact) == bool(pattern):
        item.refuse(
            None, "both or neither of `identity` and `identity_pattern`",
            "one of them: whom the certificate names",
        )  # fmt: skip
    _refuse_pattern(item, "identity_pattern", pattern)
    if pattern and not is_pattern(pattern):
        item.refuse("identity_pattern", "a pattern without a `*`", f"`identity: {pattern}`")
    identity = TrustedIdentity(
        where=document.place(*item.path),
        identity=exact or pattern,
        is_pattern=bool(pattern),
        issuer=item.text("issuer"),
        source_repository=_exact_or_pattern(item, "source_repository"),
        source_ref=_exact_or_pattern(item, "source_ref"),
        runner_environment=item.text("runner_environment", default=""),
        trusted_root=item.text("trusted_root", default=""),
        period=_period(item),
    )
    item.finish()
    return identity


def _exact_or_pattern(item: Section, key: str) -> str:
    text = item.text(key, default="")
    _refuse_pattern(item, key, text)
    return text


def _refuse_pattern(item: Section, key: str, text: str) -> None:
    problem = why_no_pattern(text) if is_pattern(text) else ""
    if problem:
        item.refuse(key, problem, "a plain name in which `*` stands for a part of one step")


def _certificate(item: Section, document: Document) -> TrustedCertificate:
    certificate = TrustedCertificate(
        where=document.place(*item.path),
        identity=item.text("identity"),
        authority=item.text("authority"),
        period=_period(item),
    )
    item.finish()
    return certificate


def _period(section: Section) -> Period:
    period = Period(first=section.day("valid_from"), last=section.day("valid_until"))
    if period.first and period.last and period.last < period.first:
        section.refuse("valid_until", "it ends before it begins", "a day after valid_from")
    return period
