"""A look at a directory sees every file by what an edit changes, and no link that leads out."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing.scan import scan


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root/d/e").mkdir(parents=True)
    for name in ("a", "b", "e/c"):
        (tmp_path / "root/d" / name).write_text(name)
    return tmp_path / "root"


def test_a_file_and_a_directory_are_seen(root: Path) -> None:
    found = scan(root, "d")
    assert sorted(found.names) == ["a", "b", "e/c"]
    assert {found.wanted(i).where for i in range(3)} == {"d/a", "d/b", "d/e/c"}
    assert {Path(found.wanted(i).path).read_text() for i in range(3)} == {"a", "b", "e/c"}
    file = scan(root, "d/a")
    assert (file.is_directory, file.names) == (False, [""])
    assert file.wanted(0).path == str(root / "d/a")
    assert file.wanted(0).size == 1


def _edit(folder: Path) -> None:
    status = (folder / "a").stat()
    (folder / "a").write_text("z")
    os.utime(folder / "a", ns=(status.st_atime_ns, status.st_mtime_ns))


def _add(folder: Path) -> None:
    (folder / "n").touch()


def _remove(folder: Path) -> None:
    (folder / "a").unlink()


def _rename(folder: Path) -> None:
    (folder / "a").rename(folder / "e/a")


def _swap(folder: Path) -> None:
    (folder / "a").rename(folder / "x")
    (folder / "b").rename(folder / "a")
    (folder / "x").rename(folder / "b")


@pytest.mark.parametrize("change", [_edit, _add, _remove, _rename, _swap], ids=lambda f: f.__name__)
def test_every_change_changes_the_fingerprint(root: Path, change: Callable[[Path], None]) -> None:
    before = scan(root, "d")
    assert scan(root, "d").fingerprint() == before.fingerprint()
    assert before.is_same(scan(root, "d"))
    change(root / "d")
    assert scan(root, "d").fingerprint() != before.fingerprint()
    assert not before.is_same(scan(root, "d"))


def test_a_link_in_the_project_is_followed_and_its_target_counts(root: Path) -> None:
    (root / "target").write_text("1")
    (root / "d/l").symlink_to("../target")
    before = scan(root, "d")
    assert Path(before.wanted(before.names.index("l")).path).read_text() == "1"
    (root / "other").write_text("2")
    (root / "d/l").unlink()
    (root / "d/l").symlink_to("../other")
    assert scan(root, "d").fingerprint() != before.fingerprint()


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "nothing", "../d", "l", "."])
def test_a_link_that_leads_out_or_nowhere_is_refused(root: Path, target: str) -> None:
    (root.parent / "outside").write_text("x")
    (root / "d/l").symlink_to(target)
    with pytest.raises(UndecidedError) as error:
        scan(root, "d")
    assert "d/l" in str(error.value)
    assert str(root) not in str(error.value)


def test_the_settings_of_a_hostile_project_let_in_nothing_but_objects(root: Path) -> None:
    """The cache may be said to be anywhere; only the name of an object is followed there."""
    secret = root.parent / "secrets"
    (secret / "aa").mkdir(parents=True)
    (secret / "key").write_text("secret")
    (secret / "aa" / ("b" * 30)).write_text("an object")
    (root / ".dvc").mkdir()
    (root / ".dvc/config").write_text(f"[cache]\n    dir = {secret}\n")
    (root / "d/l").symlink_to(secret / "aa" / ("b" * 30))
    assert "l" in scan(root, "d").names
    (root / "d/k").symlink_to(secret / "key")
    with pytest.raises(UndecidedError, match="leads out of the project"):
        scan(root, "d")


def test_more_files_than_can_be_borne_are_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aigf_dvc.hashing.scan.MAX_ENTRIES", 2)
    with pytest.raises(UndecidedError, match="more than 2 files"):
        scan(root, "d")
