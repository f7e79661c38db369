from pathlib import Path

import pytest

from aigf_dvc.clock import now
from aigf_dvc.gates.next_push import NextPush, find_next_push, look_at_next_push
from aigf_dvc.report.doctor_text import Health, Line
from tests.gates.pushing import spoil
from tests.gates.test_push_situations import with_remote
from tests.playground import Playground, run


@pytest.fixture
def place(playground: Playground, tmp_path: Path) -> Playground:
    with_remote(playground, tmp_path / "remote.git")
    return playground


def line(place: Playground) -> Line:
    (only,) = look_at_next_push(place.root, today=now().date())
    return only


def test_what_the_remote_has_is_not_pushed(place: Playground) -> None:
    assert "nothing to push" in line(place).text


def test_a_good_commit_passes_and_a_bad_one_is_a_problem(place: Playground) -> None:
    place.commit("good")
    assert (line(place).health, "passes" in line(place).text) == (Health.OK, True)
    spoil(place)
    before = place.git("for-each-ref")
    found = line(place)
    assert (found.health, "REFUSED (fairness)" in found.text) == (Health.PROBLEM, True)
    assert "aigf check" in found.fix
    assert place.git("for-each-ref") == before


def test_a_branch_that_is_not_protected_is_a_warning(place: Playground) -> None:
    place.git("checkout", "--quiet", "-b", "feature")
    spoil(place)
    found = line(place)
    assert (found.health, "not protected" in found.text) == (Health.WARNING, True)


def test_a_policy_that_does_not_load_cannot_be_looked_at_or_is_a_problem(place: Playground) -> None:
    place.write("dvc.lock", "<<<<<<< ours\n")
    place.commit("a conflict")
    found = line(place)
    assert (found.health, found.looked) == (Health.PROBLEM, False)


def test_a_push_goes_where_git_is_configured_to(place: Playground, tmp_path: Path) -> None:
    run(["git", "init", "--quiet", "--bare", str(tmp_path / "fork.git")], tmp_path)
    place.git("remote", "add", "fork", str(tmp_path / "fork.git"))
    place.git("config", "remote.pushDefault", "fork")
    found = find_next_push(place.root)
    assert isinstance(found, NextPush)
    assert (found.remote, found.ref.remote_ref, found.ref.is_new) == (
        "fork", "refs/heads/main", True,
    )  # fmt: skip


def test_without_a_branch_a_commit_or_a_remote_nothing_is_said(
    place: Playground, tmp_path: Path
) -> None:
    place.git("remote", "remove", "origin")
    assert "no remote" in line(place).text
    place.git("checkout", "--quiet", "--detach")
    assert "no branch" in line(place).text
    run(["git", "init", "--quiet", str(tmp_path / "new")], tmp_path)
    assert "no commit" in line(Playground(tmp_path / "new")).text


def test_a_branch_that_governs_nothing_is_a_warning(place: Playground) -> None:
    place.git("checkout", "--quiet", "--orphan", "elsewhere")
    place.git("rm", "--quiet", "-r", "--cached", ".")
    place.git("commit", "--quiet", "--allow-empty", "-m", "empty")
    place.git("update-ref", "-d", "refs/remotes/origin/main")
    assert (line(place).health, "nothing is governed" in line(place).text) == (Health.WARNING, True)
