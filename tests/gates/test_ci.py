"""What five CI systems tell of a run, and the commits that follow from it."""

import pytest

from aigf_dvc.canonical import Json
from aigf_dvc.errors import UndecidedError
from aigf_dvc.gates.ci import SYSTEMS, Ci, detect, read_run

NEW, OLD, ZEROS = "a" * 40, "b" * 40, "0" * 40
MAIN = "refs/remotes/origin/main"
ANY_MAIN = ("refs/remotes/origin/HEAD", MAIN, "refs/remotes/origin/master")

PULL: Json = {"pull_request": {"base": {"ref": "main", "sha": OLD}, "head": {"sha": "c" * 40}}}
PUSH: dict[str, Json] = {"before": OLD, "repository": {"default_branch": "main"}}


def github(event: str, ref: str = "refs/heads/main") -> dict[str, str]:
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_SHA": NEW,
        "GITHUB_REF": ref,
    }


def gitlab(**more: str) -> dict[str, str]:
    common = {"GITLAB_CI": "true", "CI_COMMIT_SHA": NEW, "CI_DEFAULT_BRANCH": "main"}
    return {**common, "CI_COMMIT_BEFORE_SHA": ZEROS, **more}


def azure(**more: str) -> dict[str, str]:
    return {"TF_BUILD": "True", "BUILD_SOURCEVERSION": NEW, **more}


JENKINS = {"JENKINS_URL": "https://ci.example.com/"}
BITBUCKET = {"BITBUCKET_BUILD_NUMBER": "7"}
GITLAB_PULL = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
FEATURE = "refs/heads/feature"
AZURE_TARGET = "SYSTEM_PULLREQUEST_TARGETBRANCH"

# What CI sets, GitHub's event, and the bases and heads; None: the first of all is allowed.
RUNS: list[tuple[dict[str, str], Json, tuple[str, ...], tuple[str, ...]]] = [
    (github("pull_request"), PULL, (MAIN, OLD), (NEW, "c" * 40)),
    (github("pull_request_target"), PULL, (MAIN, OLD), ("c" * 40,)),
    (github("merge_group"), {"merge_group": {"base_sha": OLD}}, (OLD,), (NEW,)),
    (github("push"), PUSH, (OLD,), (NEW,)),
    (github("push"), {**PUSH, "before": ZEROS}, (), (NEW,)),
    (github("push", FEATURE), PUSH, (MAIN,), (NEW,)),
    (github("push", "refs/tags/v1"), PUSH, (MAIN,), (NEW,)),
    (github("workflow_dispatch"), PUSH, (), (NEW,)),
    (github("workflow_dispatch", FEATURE), PUSH, (MAIN,), (NEW,)),
    (github("push", FEATURE), {}, ANY_MAIN, (NEW,)),
    (gitlab(**GITLAB_PULL), None, (MAIN,), (NEW,)),
    (gitlab(**GITLAB_PULL, CI_MERGE_REQUEST_TARGET_BRANCH_SHA=OLD), None, (OLD, MAIN), (NEW,)),
    (gitlab(CI_COMMIT_BRANCH="main", CI_COMMIT_BEFORE_SHA=OLD), None, (OLD,), (NEW,)),
    (gitlab(CI_COMMIT_BRANCH="main"), None, (), (NEW,)),
    (gitlab(CI_COMMIT_BRANCH="x", CI_COMMIT_BEFORE_SHA=OLD), None, (MAIN,), (NEW,)),
    (gitlab(CI_COMMIT_TAG="v1"), None, (MAIN,), (NEW,)),
    ({**JENKINS, "CHANGE_TARGET": "main"}, None, (MAIN,), ("HEAD",)),
    (
        {**JENKINS, "BRANCH_NAME": "main", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": OLD},
        None, (OLD,), ("HEAD",),
    ),
    ({**JENKINS, "GIT_BRANCH": "origin/main"}, None, (), ("HEAD",)),
    (
        {**JENKINS, "BRANCH_NAME": "x", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": OLD},
        None, ANY_MAIN, ("HEAD",),
    ),
    (azure(**{AZURE_TARGET: "refs/heads/main"}), None, (MAIN,), (NEW,)),
    (azure(**{AZURE_TARGET: "main"}), None, (MAIN,), (NEW,)),
    (azure(BUILD_SOURCEBRANCH="refs/heads/main"), None, ("HEAD^1",), (NEW,)),
    (azure(BUILD_SOURCEBRANCH=FEATURE), None, ANY_MAIN, (NEW,)),
    (
        {**BITBUCKET, "BITBUCKET_PR_DESTINATION_BRANCH": "main",
         "BITBUCKET_PR_DESTINATION_COMMIT": "bbbbbbbbbbbb"},
        None, (MAIN, "bbbbbbbbbbbb"), ("HEAD",),
    ),
    ({**BITBUCKET, "BITBUCKET_BRANCH": "main"}, None, ("HEAD^1",), ("HEAD",)),
    ({**BITBUCKET, "BITBUCKET_BRANCH": "x"}, None, ANY_MAIN, ("HEAD",)),
]  # fmt: skip


@pytest.mark.parametrize(("variables", "event", "bases", "heads"), RUNS)
def test_the_base_is_the_tip_of_the_branch_that_a_run_is_for(
    variables: dict[str, str], event: Json, bases: tuple[str, ...], heads: tuple[str, ...]
) -> None:
    ci = detect(variables)
    assert ci is not None
    run = read_run(ci, variables, event)
    assert (run.bases, run.heads) == (bases, heads)
    # Only a push to the main branch may be the first of all.
    assert run.has_first == (run.what == "a push to main")


def test_no_known_ci_is_none() -> None:
    assert detect({"CI": "true", "GITHUB_ACTIONS": "", "TF_BUILD": "False"}) is None


def test_every_system_is_found_by_its_own_mark() -> None:
    marks = {ci: {system.mark[0]: system.mark[1] or "x"} for ci, system in SYSTEMS.items()}
    assert {ci: detect(mark) for ci, mark in marks.items()} == {ci: ci for ci in Ci}


@pytest.mark.parametrize(
    ("variables", "event"),
    [
        ({"GITHUB_ACTIONS": "true"}, PUSH),
        (github("push"), None),
        (github("push"), ["no", "mapping"]),
        (github("pull_request"), {"pull_request": {"base": {"ref": 7}, "head": []}}),
        ({"GITLAB_CI": "true"}, None),
        ({"TF_BUILD": "true"}, None),
    ],
)
def test_what_ci_does_not_tell_is_not_guessed(variables: dict[str, str], event: Json) -> None:
    ci = detect(variables)
    assert ci is not None
    with pytest.raises(UndecidedError, match="does not say what it runs for"):
        read_run(ci, variables, event)
