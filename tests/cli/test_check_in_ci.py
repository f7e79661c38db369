"""`aigf check` in CI: what it judges there by itself, and what it tells people and the CI."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.gates.pushing import spoil
from tests.playground import Playground

POLICY = "governance/policy.yaml"


@pytest.fixture
def weakened(playground: Playground) -> Playground:
    """Return a project whose second commit spoils the model, and its policy to let it pass."""
    playground.replace(POLICY, "min: 0.8", "min: 0.0")
    spoil(playground)
    return playground


def github(place: Playground, **event: object) -> dict[str, str]:
    """Return what GitHub sets for a push to main, unless the event says otherwise."""
    told = {"before": place.git("rev-parse", "HEAD~1"), "repository": {"default_branch": "main"}}
    file = place.root.parent / "event.json"
    file.write_text(json.dumps({**told, **event}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request" if event else "push",
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": place.git("rev-parse", "HEAD"),
        "GITHUB_STEP_SUMMARY": str(place.root.parent / "summary.md"),
    }


def test_on_github_a_push_is_judged_by_what_it_replaced(weakened: Playground) -> None:
    summary = weakened.root.parent / "summary.md"
    summary.write_text("# Before\n")
    base, head = weakened.git("rev-parse", "HEAD~1", "HEAD").split()
    done = weakened.aigf("check", extra=github(weakened))
    assert done.returncode == 1, done.stderr
    first = done.stderr.splitlines()[0]
    assert first == (
        f"aigf: GitHub Actions, a push to main: {head[:12]} is judged by the policy of {base[:12]}"
    )
    assert "THIS CHANGE MAKES THE POLICY WEAKER" in done.stderr
    assert "::error file=" in done.stdout
    assert f"::warning file={POLICY},title=aigf%3A the policy::The new policy may be weaker" in (
        done.stdout
    )
    assert all(line.startswith(("aigf: ", "  |")) for line in done.stderr.splitlines())
    text = summary.read_text()
    assert text.startswith("# Before\n# aigf check: 1 model: 1 denied.")
    assert "## Policy changes" in text


def test_a_pull_request_without_its_base_is_undecided(weakened: Playground) -> None:
    pull = {"base": {"ref": "main", "sha": "e" * 40}, "head": {"sha": "f" * 40}}
    done = weakened.aigf("check", extra=github(weakened, pull_request=pull))
    assert done.returncode == 3, done.stdout
    assert "no commit 'refs/remotes/origin/main' or 'eeee" in done.stderr
    assert "fetch-depth: 0" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("event", [None, "", "[", "[" * 100_000])
def test_an_event_that_cannot_be_read_is_undecided(
    playground: Playground, event: str | None
) -> None:
    file = playground.root.parent / "event.json"
    if event is not None:
        file.write_text(event)
    variables = {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": "e" * 40}
    extra = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file), **variables}
    done = playground.aigf("check", extra=extra)
    assert done.returncode == 3
    assert "GITHUB_EVENT_PATH" in done.stderr
    assert "aigf check --base origin/main" in done.stderr


def gitlab(place: Playground) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "CI_COMMIT_BRANCH": "main",
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": place.git("rev-parse", "HEAD"),
        "CI_COMMIT_BEFORE_SHA": place.git("rev-parse", "HEAD~1"),
    }


def test_elsewhere_the_verdict_is_text_and_junit_is_named(weakened: Playground) -> None:
    done = weakened.aigf("check", extra=gitlab(weakened))
    assert done.returncode == 1
    assert done.stdout.startswith("✘ scorer is denied at the push gate")
    assert "--format junit" in done.stderr
    forms = weakened.aigf("check", "--format", "junit", extra=gitlab(weakened))
    assert forms.returncode == 1
    assert forms.stdout.startswith("<?xml")
    assert "--format junit" not in forms.stderr


@pytest.mark.parametrize(
    ("arguments", "more"),
    [(["--ci", "none"], {}), (["--rev", "HEAD"], {}), ([], {"DVC_STAGE": "governance"})],
)
def test_ci_can_be_left_out_of_it(
    weakened: Playground, arguments: list[str], more: Mapping[str, str]
) -> None:
    done = weakened.aigf("check", *arguments, extra={**gitlab(weakened), **more})
    assert done.returncode == 0, done.stdout
    assert "GitLab" not in done.stderr


def test_a_base_can_be_named_anywhere(weakened: Playground) -> None:
    done = weakened.aigf("check", "--base", "HEAD~1")
    assert done.returncode == 1
    assert "THIS CHANGE MAKES THE POLICY WEAKER" in done.stderr
    assert "✘ weakens" in done.stderr
    assert weakened.aigf("check", "--base", "HEAD", "--rev", "HEAD~1").returncode == 0
    missing = weakened.aigf("check", "--base", "nowhere")
    assert missing.returncode == 3
    assert "git fetch --unshallow" in missing.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--base", "HEAD", "--policy", POLICY],
        ["--base", "HEAD", "--before", "train"],
        ["--base", "HEAD", "--card", "MODEL_CARD.md"],
        ["--base", "HEAD", "--ci", "github"],
        ["--ci", "gitlab", "--rev", "HEAD"],
    ],
)
def test_options_that_contradict_the_base_are_refused(
    playground: Playground, arguments: list[str]
) -> None:
    done = playground.aigf("check", *arguments)
    assert done.returncode == 2
    assert "does not go with" in done.stderr


def test_a_summary_that_cannot_be_written_is_no_pass(
    playground: Playground, tmp_path: Path
) -> None:
    playground.commit()
    extra = {**github(playground), "GITHUB_STEP_SUMMARY": str(tmp_path)}
    assert playground.aigf("check", extra=extra).returncode == 3
