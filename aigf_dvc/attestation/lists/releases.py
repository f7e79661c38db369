"""A release index: which version of each model an environment should run, against rollback."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from aigf_dvc.attestation.deployment import Statement
from aigf_dvc.attestation.fields import TIME, Fields
from aigf_dvc.attestation.lists.head import ListHead, list_statement, read_head
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError

RELEASES = "https://aigf-dvc.readthedocs.io/predicates/releases/v1"
"""The predicate type."""

MOST_MODELS = 10_000
MOST_ALLOWED = 1_000


class Release(Struct, frozen=True, kw_only=True):
    """What an environment should run of one model."""

    model: str
    digest: (
        Sha256 | None
    )  # of the file, or the tree digest of a directory; None: nothing, withdrawn
    attestation: Sha256 | None  # of the statement that it was released by
    released_on: datetime
    version: str = ""  # as people call it
    reason: str = ""
    allowed: tuple[Sha256, ...] = ()  # older ones that may still be deployed


class ReleaseIndex(Struct, frozen=True, kw_only=True):
    """The releases of one environment, whose name is the list's id."""

    head: ListHead
    releases: tuple[Release, ...]


def release_statement(index: ReleaseIndex) -> bytes:
    """Return the statement as the bytes to sign; equal input gives equal bytes.

    Raises:
        RefusedError: it would not be read again.
    """
    models: dict[str, Json] = {release.model: _as_json(release) for release in index.releases}
    body: dict[str, Json] = {"environment": index.head.id, "models": models}
    payload = list_statement(RELEASES, index.head, body)
    read_releases(read_statement(payload))  # nobody signs what a judge would refuse to read
    return payload


def read_releases(statement: Statement) -> ReleaseIndex:
    """Read an index strictly.

    Raises:
        RefusedError: another statement, or a value that is missing or has another form.
    """
    head, top = read_head(statement, RELEASES)
    top.only("id", "environment", "sequence", "issued", "nextUpdate", "models")
    if top.text("environment") != head.id:
        raise RefusedError(
            f"{top.text('environment')!r:.100}", where=top.at("environment"),
            expected=f"{head.id!r:.100}, as its id",
        )  # fmt: skip
    models = top.mapping("models")
    if len(models.values) > MOST_MODELS:
        raise RefusedError(
            f"{len(models.values)} models", where=models.where, expected=f"at most {MOST_MODELS}"
        )
    releases = tuple(_release(name, models.mapping(name)) for name in sorted(models.values))
    return ReleaseIndex(head=head, releases=releases)


def _as_json(release: Release) -> Json:
    value: dict[str, Json] = {
        "digest": {"sha256": release.digest} if release.digest is not None else None,
        "attestation": {"sha256": release.attestation} if release.attestation is not None else None,
        "releasedOn": release.released_on.astimezone(UTC).strftime(TIME),
        "allowed": [{"sha256": digest} for digest in release.allowed],
    }
    value |= {"version": release.version} if release.version else {}
    value |= {"reason": release.reason} if release.reason else {}
    return value


def _release(name: str, item: Fields) -> Release:
    item.only("digest", "attestation", "releasedOn", "allowed", "version", "reason")
    if not name:
        raise RefusedError("a model without a name", where=item.where)
    return Release(
        model=name,
        digest=_optional_sha256(item, "digest"),
        attestation=_optional_sha256(item, "attestation"),
        released_on=item.time("releasedOn"),
        version=item.optional_text("version") or "",
        reason=item.optional_text("reason") or "",
        allowed=_allowed(item.objects("allowed")),
    )


def _optional_sha256(item: Fields, key: str) -> Sha256 | None:
    if item.values.get(key) is None:
        return None
    item.mapping(key).only("sha256")
    return item.sha256(key)


def _allowed(items: Sequence[Fields]) -> tuple[Sha256, ...]:
    if len(items) > MOST_ALLOWED:
        raise RefusedError(f"{len(items)} allowed", expected=f"at most {MOST_ALLOWED}")
    return tuple(Fields.of({"d": dict(item.values)}, item.where).sha256("d") for item in items)
