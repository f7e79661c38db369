"""A revocation list: what counts no more, since when, and why; the whole of it is signed each time.

Nothing ever leaves a list: what was revoked by mistake stays in it as lifted.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum, unique
from typing import TypeVar

from msgspec import Struct

from aigf_dvc.attestation.deployment import Statement
from aigf_dvc.attestation.fields import TIME, Fields
from aigf_dvc.attestation.lists.head import ListHead, list_statement, read_head
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import Json
from aigf_dvc.digests import as_sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.lazy_pattern import lazy_pattern

REVOCATIONS = "https://aigf-dvc.readthedocs.io/predicates/revocations/v1"
"""The predicate type."""

MOST_ENTRIES = 50_000
_MD5 = lazy_pattern(r"[0-9a-f]{32}\Z")


@unique
class Kind(StrEnum):
    """What can be revoked."""

    ATTESTATION = "attestation"  # by the SHA-256 of the statement's bytes
    MODEL = "model"  # a file, or the tree digest of a directory
    DATA = "data"
    SIGNER = "signer"  # a key or an identity


@unique
class Cause(StrEnum):
    """Why, for machines; the reason says it for people."""

    UNSPECIFIED = "unspecified"
    COMPROMISED = "compromised"  # somebody else could use it, or has changed it
    DEFECT = "defect"
    WITHDRAWN = "withdrawn"  # such as data whose subject takes consent back
    SUPERSEDED = "superseded"


class Target(Struct, frozen=True, kw_only=True):
    """What is revoked. Of a signer: a key's fingerprint as name, or an identity and its issuer."""

    kind: Kind
    sha256: str = ""
    md5: str = ""  # as DVC records data, without `.dir`
    signer: str = ""
    issuer: str = ""  # empty: the signer is a key

    @property
    def digests(self) -> frozenset[str]:
        """Return its digests, each with its algorithm."""
        named = (("sha256", self.sha256), ("md5", self.md5))
        return frozenset(f"{name}:{value}" for name, value in named if value)

    def __str__(self) -> str:
        """Return what people call it."""
        if self.kind is Kind.SIGNER:
            return f"signer {self.signer}" + (f", by {self.issuer}" if self.issuer else "")
        return f"{self.kind} {' '.join(sorted(self.digests, reverse=True))}"


class Lifted(Struct, frozen=True, kw_only=True):
    """That a revocation counts no more, since when and why."""

    on: datetime
    reason: str


class Revocation(Struct, frozen=True, kw_only=True):
    """One entry of a list."""

    target: Target
    cause: Cause
    reason: str
    revoked_on: datetime  # when it came into the list
    date: datetime | None = None  # from when it counts; of a signer: what it signed since then
    replaced_by: str = ""  # `sha256:HEX`; empty: nothing
    lifted: Lifted | None = None

    @property
    def latest(self) -> datetime:
        """Return when it was last changed."""
        return self.lifted.on if self.lifted is not None else self.revoked_on


class RevocationList(Struct, frozen=True, kw_only=True):
    """A whole list; its entries are sorted and each target stands once."""

    head: ListHead
    entries: tuple[Revocation, ...]


def revocation_statement(content: RevocationList) -> bytes:
    """Return the statement as the bytes to sign; equal input gives equal bytes.

    Raises:
        RefusedError: it would not be read again.
    """
    entries = sorted(content.entries, key=lambda entry: str(entry.target))
    body: dict[str, Json] = {"entries": [_as_json(entry) for entry in entries]}
    payload = list_statement(REVOCATIONS, content.head, body)
    read_revocations(read_statement(payload))  # nobody signs what a judge would refuse to read
    return payload


def read_revocations(statement: Statement) -> RevocationList:
    """Read a list strictly.

    Raises:
        RefusedError: another statement, or a value that is missing or has another form.
    """
    head, top = read_head(statement, REVOCATIONS)
    top.only("id", "sequence", "issued", "nextUpdate", "entries")
    items = top.objects("entries")
    if len(items) > MOST_ENTRIES:
        raise RefusedError(
            f"{len(items)} entries", where=top.at("entries"), expected=f"at most {MOST_ENTRIES}"
        )
    entries = tuple(_entry(item) for item in items)
    _refuse_twice(entries, top.at("entries"))
    return RevocationList(head=head, entries=entries)


def _as_json(entry: Revocation) -> Json:
    target = entry.target
    value: dict[str, Json] = {
        "kind": target.kind,
        "cause": entry.cause,
        "reason": entry.reason,
        "revokedOn": _time(entry.revoked_on),
        "date": _time(entry.date) if entry.date is not None else None,
    }
    if target.kind is Kind.SIGNER:
        signer = {"identity": target.signer, "issuer": target.issuer}
        value["signer"] = signer if target.issuer else {"fingerprint": target.signer}
    else:
        known = (("sha256", target.sha256), ("md5", target.md5))
        value["digest"] = {name: digest for name, digest in known if digest}
    if entry.replaced_by:
        value["replacedBy"] = {"sha256": entry.replaced_by.removeprefix("sha256:")}
    if entry.lifted is not None:
        value["lifted"] = {"on": _time(entry.lifted.on), "reason": entry.lifted.reason}
    return value


def _time(time: datetime) -> str:
    return time.astimezone(UTC).strftime(TIME)


def _entry(item: Fields) -> Revocation:
    kind = _choice(item, "kind", Kind)
    about = "signer" if kind is Kind.SIGNER else "digest"
    item.only("kind", about, "cause", "reason", "revokedOn", "date", "replacedBy", "lifted")
    lifted = item.optional_mapping("lifted")
    if lifted is not None:
        lifted.only("on", "reason")
    replaced = item.optional_mapping("replacedBy")
    return Revocation(
        target=_signer(item) if kind is Kind.SIGNER else _digest(item, kind),
        cause=_choice(item, "cause", Cause),
        reason=item.text("reason"),
        revoked_on=item.time("revokedOn"),
        date=item.time("date") if item.values.get("date") is not None else None,
        replaced_by=f"sha256:{item.sha256('replacedBy')}" if replaced is not None else "",
        lifted=Lifted(on=lifted.time("on"), reason=lifted.text("reason")) if lifted else None,
    )


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(item: Fields, key: str, choices: type[_Choice]) -> _Choice:
    text = item.text(key)
    try:
        return choices(text)
    except ValueError:
        raise RefusedError(
            f"{text!r:.100}", where=item.at(key), expected=" or ".join(choices)
        ) from None


def _digest(item: Fields, kind: Kind) -> Target:
    digest = item.mapping("digest")
    digest.only(*(("sha256", "md5") if kind is Kind.DATA else ("sha256",)))
    md5 = digest.optional_text("md5") or ""
    if md5 and not _MD5.match(md5):
        raise RefusedError(
            f"{md5!r:.100}", where=digest.at("md5"), expected="32 lower-case hexadecimal digits"
        )
    has_sha256 = digest.values.get("sha256") is not None or not md5
    return Target(kind=kind, sha256=item.sha256("digest") if has_sha256 else "", md5=md5)


def _signer(item: Fields) -> Target:
    signer = item.mapping("signer")
    if "fingerprint" in signer.values:
        signer.only("fingerprint")
        name = signer.text("fingerprint")
        if not is_fingerprint(name):
            raise RefusedError(
                f"{name!r:.100}", where=signer.at("fingerprint"),
                expected="`sha256:` and 64 hexadecimal digits",
            )  # fmt: skip
        return Target(kind=Kind.SIGNER, signer=name)
    signer.only("identity", "issuer")
    return Target(kind=Kind.SIGNER, signer=signer.text("identity"), issuer=signer.text("issuer"))


def is_fingerprint(text: str) -> bool:
    """Tell whether a text has the form of a key's fingerprint."""
    return text.startswith("sha256:") and as_sha256(text.removeprefix("sha256:")) is not None


def _refuse_twice(entries: Sequence[Revocation], where: str) -> None:
    seen = set[Target]()
    for entry in entries:
        if entry.target in seen:
            raise RefusedError(f"{entry.target} stands twice", where=where)
        seen.add(entry.target)
