"""Step: the model is the one that the environment should run, and no older one."""

from collections.abc import Sequence

from msgspec.structs import replace

from aigf_dvc.attestation.lists.head import SignedList
from aigf_dvc.attestation.lists.merged import all_revocations, merged_releases, revoked_signers
from aigf_dvc.attestation.lists.releases import Release, ReleaseIndex
from aigf_dvc.attestation.steps.case import Case, Found, passed, skipped
from aigf_dvc.attestation.steps.lists import doubts, hidden, read_from, undecided
from aigf_dvc.attestation.steps.revocation import model_key
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.told_time import told_time

_WHAT = "whether it is the current release"


def take(case: Case) -> Found:
    """Hold the model against the release index of the environment."""
    check, required = case.demands.release, case.demands.release_required
    if check is None:
        if required:
            reasons = ["no release index was given: --releases FILE|STORE"]
            return undecided(_WHAT, reasons, required=True, override="")
        return skipped("no release index was given (--releases)")
    environment = case.demands.environment or case.deployment.environment or ""
    counting = replace(check.lists, lists=_unrevoked(check.lists.lists, case))
    lists = tuple(each for each in counting.lists if each.head.id == environment)
    # Where nobody who counts says anything, what another version was named by still refuses.
    heard = lists or tuple(each for each in check.lists.lists if each.head.id == environment)
    reasons = list(doubts(counting, case.demands.at, only=environment))
    said = ""
    try:
        if heard:
            said = _held(case, merged_releases(each.content for each in heard), environment)
    except UndecidedError as error:
        reasons.append(str(error))
    if reasons:
        required = required or bool(hidden(counting, environment))
        return undecided(_WHAT, reasons, required=required, override=check.override)
    return passed(f"{said}: {read_from(lists)}")


def _unrevoked(
    indexes: Sequence[SignedList[ReleaseIndex]], case: Case
) -> tuple[SignedList[ReleaseIndex], ...]:
    """Return the indexes without those whose signers the revocation lists revoke, since whenever.

    An index proves no time of its own: whoever has a stolen key can say any.
    """
    revocation = case.demands.revocation
    entries = all_revocations(revocation.lists.lists) if revocation is not None else ()
    revoked = revoked_signers(entries)
    return tuple(each for each in indexes if each.signer not in revoked)


def _held(case: Case, releases: tuple[Release, ...], environment: str) -> str:
    """Return how the index names the model.

    Raises:
        RefusedError: it names another one, or none.
        UndecidedError: it names two as current.
    """
    model, key = case.deployment.model, model_key(case)
    named = [release for release in releases if release.model == model]
    if not named:
        raise RefusedError(f"{model!r:.100} was never released for {environment!r:.100}")
    if len(named) > 1:
        raise UndecidedError(f"two versions of {model!r:.100} were released at the same moment")
    release = named[0]
    when = told_time(release.released_on)
    if release.digest is None:
        raise RefusedError(f"{model!r:.100} was withdrawn on {when}: {release.reason:.500}")
    version = f" {release.version:.100}" if release.version else ""
    if key == release.digest:
        same = release.attestation in (None, case.digest)
        other = "" if same else ", by another attestation than this one"
        return f"the current release{version} of {when}{other}"
    if key in release.allowed:
        return f"AN OLDER RELEASE, which the index still allows; the current one is of {when}"
    raise RefusedError(
        f"not the current release of {model!r:.100}: that is{version} sha256:{release.digest}, "
        f"since {when}"
    )
