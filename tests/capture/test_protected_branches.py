"""A commit is on a protected branch when the remote that counts is known to have it there."""

from pathlib import Path

import pytest

from aigf_dvc.capture.protected_branches import protected_branches
from aigf_dvc.git.objects import GitObjects
from tests.playground import Playground


def branches(place: Playground, revision: str = "HEAD") -> tuple[str, ...]:
    with GitObjects(place.root) as objects:
        return protected_branches(place.project, objects, place.git("rev-parse", revision))


@pytest.fixture
def clone(playground: Playground, tmp_path: Path) -> Playground:
    return playground.clone(tmp_path / "clone")


def test_without_a_remote_the_local_branches_count(playground: Playground) -> None:
    assert branches(playground) == ("main",)
    playground.git("branch", "release/1")
    playground.git("branch", "release-2")
    assert branches(playground) == ("main", "release/1")
    playground.git("checkout", "--quiet", "-b", "mine")
    playground.commit()
    assert branches(playground) == ()
    assert branches(playground, "HEAD~1") == ("main", "release/1")


def test_with_a_remote_only_its_branches_count(clone: Playground) -> None:
    assert branches(clone) == ("origin/main",)
    clone.commit("only here")
    assert clone.git("branch", "--show-current") == "main"
    assert branches(clone) == ()


def test_a_fork_beside_the_origin_does_not_count(clone: Playground) -> None:
    clone.commit("mine")
    clone.git("remote", "add", "fork", str(clone.root))
    clone.git("update-ref", "refs/remotes/fork/main", "HEAD")
    assert branches(clone) == ()
    clone.git("remote", "rename", "origin", "upstream")
    assert branches(clone, "HEAD~1") == ()
    clone.git("remote", "remove", "fork")
    assert branches(clone, "HEAD~1") == ("upstream/main",)


def test_a_commit_cannot_protect_its_own_branch(clone: Playground) -> None:
    clone.git("checkout", "--quiet", "-b", "mine")
    clone.write("aigf.yaml", clone.read("aigf.yaml") + "protected: ['*']\n")
    clone.commit("protect everything")
    clone.git("push", "--quiet", "origin", "mine")
    assert branches(clone) == ()
    for name in ("HEAD", "main"):
        clone.git("update-ref", "-d", "--no-deref", f"refs/remotes/origin/{name}")
    assert branches(clone) == ()


def test_the_main_branch_says_which_names_are_protected(
    playground: Playground, tmp_path: Path
) -> None:
    playground.write("aigf.yaml", playground.read("aigf.yaml") + "protected: [stable]\n")
    playground.commit()
    playground.git("branch", "stable")
    assert branches(playground.clone(tmp_path / "clone")) == ("origin/stable",)
