"""Which revocation list is meant when nobody names one: each project has its own."""

from pathlib import Path

import pytest

from aigf_dvc.actions.list_id import list_meant
from aigf_dvc.errors import InputError
from tests.playground import Playground


def meant(place: str, here: Path, *known: str) -> str:
    return list_meant(known, place=place, here=here)


def test_the_only_list_in_a_place_is_meant(tmp_path: Path) -> None:
    assert meant("s3://lists", tmp_path, "security", "security") == "security"


def test_the_first_list_is_named_after_the_first_commit_of_the_project(
    playground: Playground, tmp_path: Path
) -> None:
    root = playground.root
    own = meant("list.json", root)
    first = playground.git("rev-list", "--max-parents=0", "HEAD").strip()
    assert own == f"revocations-{first[:12]}"
    playground.write("more.txt", "more")
    playground.commit()
    assert meant(f"git:{root}", tmp_path) == own  # the place says which project
    assert meant("s3://lists", root, "other", own) == own
    playground.git("clone", "--quiet", "--depth=1", f"file://{root}", str(tmp_path / "shallow"))
    with pytest.raises(InputError, match="no list yet, and no history"):
        meant("list.json", tmp_path / "shallow")


def test_without_a_project_a_name_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--id LIST: a name for the first"):
        meant("list.json", tmp_path)
    with pytest.raises(InputError, match="2 lists: data, security"):
        meant("list.json", tmp_path, "security", "data")
