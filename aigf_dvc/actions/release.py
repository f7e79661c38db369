"""Release: name the version of a model that an environment should run, or none any more."""

from datetime import datetime, timedelta

from msgspec import Struct

from aigf_dvc.actions.next_list import next_head
from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.merged import merged_releases
from aigf_dvc.attestation.lists.releases import Release, ReleaseIndex, release_statement
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError
from aigf_dvc.redaction import refuse_secrets


class ReleaseRequest(Struct, frozen=True, kw_only=True):
    """What somebody wants an environment to run; without a model the index is only renewed."""

    environment: str
    at: datetime  # UTC, whole seconds
    good_for: timedelta  # until the next issue is due
    model: str = ""
    digest: Sha256 | None = None  # None: nothing any more
    attestation: Sha256 | None = None  # of the statement that was verified
    version: str = ""
    reason: str = ""
    allowed: tuple[Sha256, ...] = ()  # older ones that may still be deployed


class PreparedIndex(Struct, frozen=True, kw_only=True):
    """The index that is about to be signed, and what is new in it."""

    index: ReleaseIndex
    payload: bytes
    changed: Release | None
    before: Release | None  # what was current of the model


def prepare_release(known: AtHand[ReleaseIndex], request: ReleaseRequest) -> PreparedIndex:
    """Return the next index: every release of the indexes at hand, with what is asked.

    Raises:
        InputError: the model to withdraw was never released, or two versions of another model
            were released at the same moment, and one must be released again first.
        UndecidedError: the indexes at hand are not the last ones.
        RefusedError: what is to be signed holds what looks like a secret.
    """
    mine = [each for each in known.lists if each.head.id == request.environment]
    head = next_head(known, request.environment, at=request.at, good_for=request.good_for)
    releases = merged_releases(each.content for each in mine)
    kept = tuple(release for release in releases if release.model != request.model)
    _demand_one_each(kept, request.environment)
    former = [release for release in releases if release.model == request.model]
    changed = _changed(request, former, head.issued) if request.model else None
    current = (*kept, *((changed,) if changed is not None else ()))
    index = ReleaseIndex(head=head, releases=current)
    payload = release_statement(index)
    refuse_secrets(payload.decode(), where="what is to be signed")
    return PreparedIndex(
        index=index, payload=payload, changed=changed, before=next(iter(former), None)
    )


def _changed(request: ReleaseRequest, former: list[Release], issued: datetime) -> Release:
    if request.digest is None and not former:
        raise InputError(
            f"{request.model!r:.100} was never released", where=request.environment,
            expected="a model of the index",
        )  # fmt: skip
    return Release(
        model=request.model,
        digest=request.digest,
        attestation=request.attestation,
        released_on=issued,
        version=request.version.strip(),
        reason=request.reason.strip(),
        allowed=tuple(digest for digest in request.allowed if digest != request.digest),
    )


def _demand_one_each(releases: tuple[Release, ...], environment: str) -> None:
    names = [release.model for release in releases]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"two versions of {name!r:.100} were released at the same moment",
                where=environment, expected="one", hint=f"release {name!r:.100} again first",
            )  # fmt: skip
