"""One place has one name, wherever a command is started; a name tells a file from a folder."""

import os
from pathlib import Path

import pytest

from aigf_dvc.actions.list_places import git_folder, is_gone, is_store, whole_name
from aigf_dvc.errors import InputError
from tests.playground import Playground


def test_a_place_is_a_store_by_its_name_or_a_folder(tmp_path: Path) -> None:
    for place in ("git", "git:.", "s3://bucket/lists", str(tmp_path)):
        assert is_store(place)
    assert not is_store(str(tmp_path / "list.json"))


def test_a_repository_has_one_name_from_all_of_its_folders(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = playground.root
    (root / "deep/er").mkdir(parents=True)
    names = {whole_name(f"git:{root}"), whole_name(f"git:{root}/deep")}
    monkeypatch.chdir(root / "deep/er")
    names |= {whole_name("git"), whole_name("git:"), whole_name("git:..")}
    assert names == {f"git:{root}/.git"}
    with pytest.raises(InputError, match="not a git repository"):
        whole_name(f"git:{root.parent}")


def test_a_link_is_a_place_of_its_own_wherever_it_leads(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    link = tmp_path / "current"
    link.symlink_to("one")
    before = whole_name(str(link))
    link.unlink()
    link.symlink_to("two")
    assert whole_name(str(link)) == before == f"{link}/"


def test_a_pipe_is_no_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert whole_name(str(tmp_path / "pipe")) == ""
    assert whole_name("/dev/null") == ""


def test_files_and_folders_have_their_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "list.json").write_text("")
    monkeypatch.chdir(tmp_path / "folder")
    assert whole_name("../list.json") == f"{tmp_path}/list.json"
    assert whole_name(".") == whole_name("../folder/") == f"{tmp_path}/folder/"


def test_an_address_keeps_no_secret_and_no_slash_at_its_end() -> None:
    assert whole_name("s3://bucket/lists/") == whole_name("s3://bucket/lists")
    assert "hunter2" not in whole_name("https://ops:hunter2@lists.example/all")
    assert git_folder("git://host/repository") is None


def test_only_a_file_that_is_not_there_is_gone(tmp_path: Path) -> None:
    here = tmp_path / "here.json"
    here.write_text("")
    assert is_gone(str(tmp_path / "none.json"))
    for name in (str(here), f"{tmp_path}/none/", "git:/nowhere", "s3://bucket", ""):
        assert not is_gone(name)
