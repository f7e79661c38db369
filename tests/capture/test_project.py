"""The project is the nearest one upwards, inside its repository."""

import pytest

from aigf_dvc.capture.project import find_project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import Playground


def test_it_is_found_from_any_folder_below_and_through_a_link(playground: Playground) -> None:
    for place in (
        playground.root,
        playground.root / "src",
        playground.root / "governance/documents",
    ):
        found = find_project(place)
        assert (found.root, found.repository, found.prefix) == (
            playground.root,
            playground.root,
            "",
        )
    link = playground.root.parent / "link"
    link.symlink_to(playground.root / "src")
    assert find_project(link).root == playground.root


def test_a_project_in_a_folder_has_its_prefix_and_is_nearer_than_the_outer_one(
    playground: Playground,
) -> None:
    playground.write("team/ml/.dvc/config", "")
    playground.write("team/ml/src/x", "")
    found = find_project(playground.root / "team/ml/src")
    assert (found.prefix, found.repository) == ("team/ml", playground.root)


def test_a_project_above_the_repository_is_not_looked_for(playground: Playground) -> None:
    inner = Playground(playground.root / "inner")
    inner.root.mkdir()
    inner.git("init", "--quiet")
    with pytest.raises(InputError, match="not a DVC project"):
        find_project(inner.root)


def test_missing_settings_are_said_with_the_place(playground: Playground) -> None:
    (playground.root / "aigf.yaml").unlink()
    with pytest.raises(InputError, match=r"no aigf\.yaml") as error:
        load_settings(WorkingTree(playground.root))
    assert error.value.hint == "run `aigf init`"
    playground.commit()
    with playground.commit_snapshot() as commit, pytest.raises(InputError) as error:
        load_settings(commit)
    assert "commit what it wrote" in error.value.hint


def test_a_revision_gives_a_commits_snapshot(playground: Playground) -> None:
    outcome = playground.aigf("check", "--rev", "HEAD", folder="src")
    assert outcome.returncode == 0
