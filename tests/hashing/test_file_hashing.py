"""Files and directories are hashed as DVC names them, and by SHA-256, from one read."""

import hashlib
import os
from pathlib import Path

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing.file_hashing import hash_path, md5_as_text
from aigf_dvc.hashing.scan import walk
from tests.playground import Playground


@pytest.mark.parametrize("size", [0, 1, 4 << 20, (4 << 20) + 1, 9 << 20])
def test_a_file_of_any_size_has_the_digests_of_its_bytes(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "a").write_bytes(data)
    counted: list[int] = []
    found = hash_path(tmp_path, "a", progress=counted.append)
    assert found.md5 == hashlib.md5(data).hexdigest()
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.size == size == sum(counted)


def test_a_directory_has_the_hash_that_dvc_gives_it(playground: Playground) -> None:
    for name in ("b", "a", "sub/ü", "sub/two words", "Z"):
        playground.write(f"pool/{name}", name)
    playground.dvc("add", "--quiet", "pool")
    found = hash_path(playground.root, "pool")
    assert found.md5 in playground.read("pool.dvc")
    assert [name for name, _ in found.files] == ["Z", "a", "b", "sub/two words", "sub/ü"]


def test_dvc_2s_hash_ignores_line_ends_of_texts_only(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"a\r\nb\r\n")
    (tmp_path / "b").write_bytes(b"\0\r\n")
    assert md5_as_text(tmp_path, "t") == hashlib.md5(b"a\nb\n").hexdigest()
    assert md5_as_text(tmp_path, "b") == hashlib.md5(b"\0\r\n").hexdigest()


@pytest.mark.parametrize("kind", ["pipe", "link out", "link to folder", "not utf-8", "line break"])
def test_a_directory_with_something_odd_in_it_is_refused(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "root/d"
    folder.mkdir(parents=True)
    (tmp_path / "outside").write_text("x")
    match kind:
        case "pipe":
            os.mkfifo(folder / "p")
        case "link out":
            (folder / "l").symlink_to(tmp_path / "outside")
        case "link to folder":
            (folder / "l").symlink_to(tmp_path)
        case "not utf-8":
            (folder / os.fsdecode(b"\xff")).touch()
        case _:
            (folder / "a\nb").touch()
    with pytest.raises(UndecidedError):
        hash_path(tmp_path / "root", "d")


def test_a_folder_that_cannot_be_listed_is_refused_not_skipped(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="cannot be listed"):
        list(walk(tmp_path, "nothing"))


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(9 << 20))

    def grow(_count: int) -> None:
        with path.open("ab") as file:
            file.write(b"x")

    with pytest.raises(UndecidedError, match="changed while it was read"):
        hash_path(tmp_path, "a", progress=grow)
