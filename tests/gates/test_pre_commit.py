"""The push gate as a hook of the pre-commit framework, which tells of a push by variables."""

import sys
from pathlib import Path

import pytest

from tests.gates.pushing import spoil
from tests.playground import PACKAGE, Playground, run


def push(place: Playground, **more: str) -> tuple[int, str]:
    """Run the hook as pre-commit does: without standard input."""
    variables = {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_REMOTE_NAME": "upstream",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
    }
    done = place.aigf("hook", "pre-push", extra={**variables, **more})
    return done.returncode, done.stderr


@pytest.fixture
def weakened(playground: Playground) -> Playground:
    """Return a project that spoils its model and weakens its policy since the remote's main."""
    playground.git("update-ref", "refs/remotes/upstream/main", "HEAD")
    playground.replace("governance/policy.yaml", "min: 0.8", "min: 0.0")
    spoil(playground)
    return playground


def test_the_pushed_commit_is_judged_by_what_the_remote_has(weakened: Playground) -> None:
    old, new = weakened.git("rev-parse", "HEAD~1", "HEAD").split()
    code, said = push(weakened, PRE_COMMIT_FROM_REF=old, PRE_COMMIT_TO_REF=new)
    assert code == 1
    assert f"main at {new[:12]}, by the policy of {old[:12]}: REFUSED" in said
    assert push(weakened, PRE_COMMIT_FROM_REF=old, PRE_COMMIT_TO_REF=old)[0] == 0


def test_a_branch_that_is_new_is_judged_by_the_main_branch_of_its_remote(
    weakened: Playground,
) -> None:
    code, said = push(weakened, PRE_COMMIT_REMOTE_BRANCH="refs/heads/release/1")
    assert code == 1, said
    assert "release/1 at" in said
    assert "REFUSED" in said


def test_no_ref_is_no_pass(playground: Playground) -> None:
    code, said = push(playground, PRE_COMMIT_REMOTE_BRANCH="")
    assert code == 2
    assert "pre-commit names no pushed ref" in said


def test_the_hook_that_others_use_is_valid_and_runs_this_gate() -> None:
    manifest = PACKAGE / ".pre-commit-hooks.yaml"
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(manifest)]
    run(command, Path(PACKAGE))
    text = manifest.read_text()
    assert "entry: aigf hook pre-push --pre-commit\n" in text
    assert "stages: [pre-push]\n" in text
    assert "always_run: true\n" in text
