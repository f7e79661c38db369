from pathlib import Path

import pytest

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.gates.untold_refs import Told, refs_with_untold, told_by_pre_commit
from tests.gates.test_push_situations import with_remote
from tests.playground import Playground

TOLD = {
    "PRE_COMMIT_REMOTE_NAME": "origin",
    "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/feature",
    "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/feature",
}


@pytest.fixture
def place(playground: Playground, tmp_path: Path) -> Playground:
    """A project whose remote has `main`, and not yet `feature`."""
    with_remote(playground, tmp_path / "remote.git")
    playground.git("branch", "feature")
    return playground


def refs(place: Playground, told: Told | None = None) -> list[tuple[str, str]]:
    found = refs_with_untold(place.root, told or told_by_pre_commit(TOLD))
    return [(ref.remote_ref, ref.remote_id) for ref in found]


@pytest.mark.parametrize("name", TOLD)
def test_without_one_of_its_variables_nothing_is_decided(name: str) -> None:
    with pytest.raises(InputError, match=name):
        told_by_pre_commit({**TOLD, name: ""})


def test_a_branch_that_the_remote_has_as_it_is_counts_as_not_pushed(place: Playground) -> None:
    assert refs(place) == [("refs/heads/feature", "0" * 40)]


def test_every_branch_that_the_remote_has_otherwise_counts_as_pushed(place: Playground) -> None:
    before = place.git("rev-parse", "main")
    after = place.commit("more")
    assert refs(place) == [("refs/heads/feature", "0" * 40), ("refs/heads/main", before)]
    assert refs_with_untold(place.root, told_by_pre_commit(TOLD))[1].local_id == after


def test_a_branch_goes_where_git_is_configured_to_push_it(place: Playground) -> None:
    place.git("checkout", "--quiet", "-b", "mine")
    place.git("branch", "--quiet", "--set-upstream-to=origin/main")
    place.git("config", "push.default", "upstream")
    place.commit("more")
    assert [name for name, _ in refs(place)] == ["refs/heads/feature", "refs/heads/main"]


def test_the_told_commit_counts_not_where_its_branch_is_now(place: Playground) -> None:
    told = told_by_pre_commit({**TOLD, "PRE_COMMIT_TO_REF": "1" * 40})
    assert refs_with_untold(place.root, told)[0].local_id == "1" * 40


def test_a_told_ref_that_is_not_there_is_not_judged(place: Playground) -> None:
    told = Told(remote="origin", local_ref="refs/heads/gone", remote_ref="refs/heads/gone")
    with pytest.raises(UndecidedError, match="gone"):
        refs(place, told)


def test_the_command_says_what_is_missing_outside_of_pre_commit(playground: Playground) -> None:
    outcome = playground.aigf("hook", "pre-push", "--pre-commit")
    assert outcome.returncode == 2
    assert "PRE_COMMIT_REMOTE_NAME" in outcome.stderr
