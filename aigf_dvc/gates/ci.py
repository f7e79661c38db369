"""Where a check runs in CI, and by which commit it must judge there: a table of five systems.

The base is the tip of the branch that the work is for, never a commit that whoever pushes can
choose: an old merge base may have no policy at all.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.errors import UndecidedError

_NOTHING = frozenset("0")
_MAIN = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
_HEADS = "refs/heads/"
_BEFORE_LAST = "HEAD^1"  # for systems that do not tell what a push replaced

Environment = Mapping[str, str]


@unique
class Ci(StrEnum):
    """A CI system that is known here."""

    GITHUB = "github"
    GITLAB = "gitlab"
    JENKINS = "jenkins"
    AZURE = "azure"
    BITBUCKET = "bitbucket"


class CiRun(Struct, frozen=True, kw_only=True):
    """What one run of CI is for."""

    what: str  # for people; holds names that others gave
    bases: tuple[str, ...]  # the first that the clone has; none: nothing came before
    heads: tuple[str, ...] = ("HEAD",)  # likewise
    has_first: bool = False  # whether there may be no base, as for the first push


class System(Struct, frozen=True, kw_only=True):
    """What has to be known of a CI system."""

    name: str  # as its makers write it
    mark: tuple[str, str]  # a variable that it sets, and the value; empty: any
    read: Callable[[Environment, Json], CiRun]
    whole_clone: str  # what to do when the clone lacks the base
    wants_junit: bool = False  # whether it shows JUnit reports


def detect(environment: Environment) -> Ci | None:
    """Return the CI system that set these variables; None: no known one."""
    for ci, system in SYSTEMS.items():
        variable, value = system.mark
        found = environment.get(variable, "")
        if found and (not value or found.lower() == value):
            return ci
    return None


def read_run(ci: Ci, environment: Environment, event: Json = None) -> CiRun:
    """Return what a run of CI is for.

    Args:
        ci: where it runs.
        environment: its variables.
        event: GitHub's description of what happened.

    Raises:
        UndecidedError: the system did not say what is needed.
    """
    return SYSTEMS[ci].read(environment, event)


def _github(environment: Environment, event: Json) -> CiRun:
    name = environment.get("GITHUB_EVENT_NAME", "")
    sha = environment.get("GITHUB_SHA", "")
    if not name or not sha or not isinstance(event, dict):
        raise _untold("GITHUB_EVENT_NAME, GITHUB_SHA and the file GITHUB_EVENT_PATH")
    if name in ("pull_request", "pull_request_review", "pull_request_target"):
        branch = _inside(event, "pull_request", "base", "ref")
        head = _inside(event, "pull_request", "head", "sha")
        if not branch or not head:
            raise _untold("the base and head of the pull request in GITHUB_EVENT_PATH")
        # Of pull_request_target, GITHUB_SHA is the base: it would judge what is there already.
        own = () if name == "pull_request_target" else (sha,)
        bases = (_remote(branch), *_sha(_inside(event, "pull_request", "base", "sha")))
        return CiRun(what=f"a pull request for {branch}", bases=bases, heads=(*own, head))
    if name == "merge_group":
        base = _sha(_inside(event, "merge_group", "base_sha"))
        return CiRun(what="a merge queue", bases=base, heads=(sha,))
    ref, default = environment.get("GITHUB_REF", ""), _inside(event, "repository", "default_branch")
    before = _inside(event, "before") if name == "push" else ""
    return _pushed(ref, default=default, before=before, head=sha)


def _gitlab(environment: Environment, _: Json) -> CiRun:
    target = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    head = environment.get("CI_COMMIT_SHA", "")
    if not head:
        raise _untold("CI_COMMIT_SHA")
    if target:
        known = _sha(environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""))
        bases = (*known, _remote(target))
        return CiRun(what=f"a merge request for {target}", bases=bases, heads=(head,))
    branch = environment.get("CI_COMMIT_BRANCH", "")
    ref = f"{_HEADS}{branch}" if branch else ""
    before = environment.get("CI_COMMIT_BEFORE_SHA", "")
    default = environment.get("CI_DEFAULT_BRANCH", "")
    return _pushed(ref, default=default, before=before, head=head)


def _jenkins(environment: Environment, _: Json) -> CiRun:
    target = environment.get("CHANGE_TARGET", "")
    if target:
        return CiRun(what=f"a pull request for {target}", bases=(_remote(target),))
    branch = environment.get("BRANCH_NAME") or environment.get("GIT_BRANCH", "")
    branch = branch.removeprefix("origin/")
    primary = environment.get("BRANCH_IS_PRIMARY") == "true" or branch in ("main", "master")
    before = environment.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "")
    default = branch if primary else ""
    return _pushed(f"{_HEADS}{branch}", default=default, before=before, head="HEAD")


def _azure(environment: Environment, _: Json) -> CiRun:
    target = environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "").removeprefix(_HEADS)
    head = environment.get("BUILD_SOURCEVERSION", "")
    if not head:
        raise _untold("BUILD_SOURCEVERSION")
    if target:
        bases = (_remote(target),)
        return CiRun(what=f"a pull request for {target}", bases=bases, heads=(head,))
    return _unsaid(environment.get("BUILD_SOURCEBRANCH", ""), head=head)


def _bitbucket(environment: Environment, _: Json) -> CiRun:
    target = environment.get("BITBUCKET_PR_DESTINATION_BRANCH", "")
    known = environment.get("BITBUCKET_PR_DESTINATION_COMMIT", "")
    if target or known:
        bases = (*((_remote(target),) if target else ()), *_sha(known))
        return CiRun(what=f"a pull request for {target or known}", bases=bases)
    branch = environment.get("BITBUCKET_BRANCH", "")
    return _unsaid(f"{_HEADS}{branch}" if branch else "", head="HEAD")


def _pushed(ref: str, *, default: str, before: str, head: str) -> CiRun:
    """Return what a push is for: its main branch is judged by what it was, others by that."""
    if default and ref == f"{_HEADS}{default}":
        bases = _sha(before)
        return CiRun(what=f"a push to {default}", bases=bases, heads=(head,), has_first=True)
    bases = (_remote(default),) if default else _MAIN
    what = f"a push to {ref.removeprefix(_HEADS)}" if ref else "a push of a tag"
    return CiRun(what=what, bases=bases, heads=(head,))


def _unsaid(ref: str, *, head: str) -> CiRun:
    """Return what a push is for where the system tells neither the main branch nor what it was."""
    branch = ref.removeprefix(_HEADS)
    if branch in ("main", "master"):
        bases = (_BEFORE_LAST,)
        return CiRun(what=f"a push to {branch}", bases=bases, heads=(head,), has_first=True)
    return _pushed(ref, default="", before="", head=head)


def _remote(branch: str) -> str:
    return f"refs/remotes/origin/{branch}"


def _sha(text: str) -> tuple[str, ...]:
    """Return a commit that the system names; none for the zeros that say that there is none."""
    return (text,) if set(text) - _NOTHING else ()


def _inside(event: Json, *keys: str) -> str:
    for key in keys:
        event = event.get(key) if isinstance(event, dict) else None
    return event if isinstance(event, str) else ""


def _untold(what: str) -> UndecidedError:
    return UndecidedError(
        "this CI does not say what it runs for",
        where="environment",
        expected=what,
        hint="name the commits: `aigf check --base origin/main --rev HEAD`",
    )


SYSTEMS = {
    Ci.GITHUB: System(
        name="GitHub Actions",
        mark=("GITHUB_ACTIONS", "true"),
        read=_github,
        whole_clone="`fetch-depth: 0` under `with:` of actions/checkout",
    ),
    Ci.GITLAB: System(
        name="GitLab CI",
        mark=("GITLAB_CI", "true"),
        read=_gitlab,
        whole_clone='`GIT_DEPTH: "0"` under `variables:`, and in the script `git fetch origin '
        '"+refs/heads/*:refs/remotes/origin/*"`',
        wants_junit=True,
    ),
    Ci.JENKINS: System(
        name="Jenkins",
        mark=("JENKINS_URL", ""),
        read=_jenkins,
        whole_clone="no shallow clone in the job, and a step `git fetch origin "
        '"+refs/heads/*:refs/remotes/origin/*"`',
        wants_junit=True,
    ),
    Ci.AZURE: System(
        name="Azure Pipelines",
        mark=("TF_BUILD", "true"),
        read=_azure,
        whole_clone="`fetchDepth: 0` under `- checkout: self`",
        wants_junit=True,
    ),
    Ci.BITBUCKET: System(
        name="Bitbucket Pipelines",
        mark=("BITBUCKET_BUILD_NUMBER", ""),
        read=_bitbucket,
        whole_clone="`clone: {depth: full}`, and in the script `git fetch origin "
        '"+refs/heads/*:refs/remotes/origin/*"`',
    ),
}
