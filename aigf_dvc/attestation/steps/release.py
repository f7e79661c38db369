"""Step: the model is the one that the environment should run, and no older one."""

from aigf_dvc.attestation.lists.merged import merged_releases
from aigf_dvc.attestation.lists.releases import Release
from aigf_dvc.attestation.steps.case import Case, Found, passed, skipped
from aigf_dvc.attestation.steps.lists import doubts, read_from, undecided
from aigf_dvc.attestation.steps.revocation import model_key
from aigf_dvc.errors import RefusedError, UndecidedError

_WHAT = "whether it is the current release"
_TIME = "%Y-%m-%d %H:%M:%S UTC"


def take(case: Case) -> Found:
    """Hold the model against the release index of the environment."""
    check, required = case.demands.release, case.demands.release_required
    if check is None:
        if required:
            reasons = ["no release index was given: --releases FILE|STORE"]
            return undecided(_WHAT, reasons, required=True, override="")
        return skipped("no release index was given (--releases)")
    environment = case.demands.environment or case.deployment.environment or ""
    lists = tuple(each for each in check.lists.lists if each.head.id == environment)
    reasons = list(doubts(check.lists, case.demands.at, only=environment))
    said = ""
    try:
        if lists:
            said = _held(case, merged_releases(each.content for each in lists), environment)
    except UndecidedError as error:
        reasons.append(str(error))
    if reasons:
        return undecided(_WHAT, reasons, required=required, override=check.override)
    return passed(f"{said}: {read_from(lists)}")


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
    when = release.released_on.strftime(_TIME)
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
