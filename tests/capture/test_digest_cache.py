"""The digest cache saves reading, notices every edit, and can do no harm."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aigf_dvc.capture.digest_cache import DigestCache
from aigf_dvc.capture.file_hashing import Hashed, hash_path
from aigf_dvc.digests import sha256

PLACE = ".aigf/digests"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one file that is old enough to be remembered."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root/a").write_bytes(b"first")
    return tmp_path / "root"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a minute pass, so that files count as settled."""
    real = time.time_ns
    monkeypatch.setattr("aigf_dvc.capture.digest_cache.time.time_ns", lambda: real() + 60 * 10**9)


def remembered(root: Path) -> Hashed:
    cache = DigestCache(root)
    found = cache.hash("a")
    cache.save()
    return found


def poison(root: Path) -> None:
    """Give every entry of the cache another SHA-256."""
    place = root / PLACE
    place.write_text(re.sub(" [0-9a-f]{64} ", f" {'0' * 64} ", place.read_text()))


def forget_files(root: Path) -> None:
    """Forget the digests of all files, but not those of directories."""
    lines = (root / PLACE).read_text().splitlines(keepends=True)
    (root / PLACE).write_text("".join(line for line in lines if ".dir " in line))


@pytest.mark.usefixtures("later")
def test_an_unchanged_file_is_not_read_again(root: Path) -> None:
    assert remembered(root).sha256 == sha256(b"first")
    poison(root)  # shows that the entry is used
    assert DigestCache(root).hash("a").sha256 == "0" * 64
    assert hash_path(root, "a").sha256 == sha256(b"first")  # what attest calls


@pytest.mark.usefixtures("later")
def test_an_edit_of_the_same_size_with_its_time_set_back_is_noticed(root: Path) -> None:
    remembered(root)
    before = (root / "a").stat()
    (root / "a").write_bytes(b"other")
    os.utime(root / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (root / "a").stat().st_mtime_ns == before.st_mtime_ns
    assert DigestCache(root).hash("a").sha256 == sha256(b"other")


def test_a_file_that_was_just_written_is_not_remembered(root: Path) -> None:
    remembered(root)
    assert not (root / PLACE).exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"x\n",
        b"\xff\xfe",
        b"1 2 3 4 5 m " + b"0" * 64,
        b"9" * 5000 + b" 1 1 1 1 m " + b"a" * 64,
    ],
    ids=["empty", "empty line", "word", "no text", "unknown", "long number"],
)
@pytest.mark.usefixtures("later")
def test_a_damaged_cache_is_no_cache(root: Path, content: bytes) -> None:
    (root / ".aigf").mkdir()
    (root / PLACE).write_bytes(content)
    assert remembered(root).sha256 == sha256(b"first")


def _pipe(place: Path, victim: Path) -> None:  # noqa: ARG001
    os.mkfifo(place)


def _folder(place: Path, victim: Path) -> None:  # noqa: ARG001
    place.mkdir()
    (place / "x").touch()


def _link(place: Path, victim: Path) -> None:
    place.symlink_to(victim)


@pytest.mark.parametrize("set_up", [_pipe, _folder, _link], ids=lambda f: f.__name__.strip("_"))
@pytest.mark.usefixtures("later")
def test_what_stands_in_the_caches_place_is_neither_followed_nor_waited_for(
    root: Path, set_up: Callable[[Path, Path], None]
) -> None:
    victim = root.parent / "victim"
    victim.write_text("precious")
    (root / ".aigf").mkdir()
    set_up(root / PLACE, victim)
    assert remembered(root).sha256 == sha256(b"first")
    assert victim.read_text() == "precious"


@pytest.mark.usefixtures("later")
def test_a_state_folder_that_is_a_link_is_not_followed(root: Path) -> None:
    victim = root.parent / "victim"
    victim.mkdir()
    (root / ".aigf").symlink_to(victim)
    assert remembered(root).sha256 == sha256(b"first")
    assert list(victim.iterdir()) == []


@pytest.mark.usefixtures("later")
def test_a_directory_is_hashed_from_its_remembered_files(root: Path) -> None:
    (root / "d/e").mkdir(parents=True)
    (root / "d/e/x").write_text("1")
    (root / "d/y").write_text("2")
    cache = DigestCache(root)
    assert cache.hash("d") == hash_path(root, "d")
    cache.save()
    forget_files(root)  # the directory has an entry of its own
    assert DigestCache(root).hash("d") == replace(hash_path(root, "d"), files=())
    assert (root / ".aigf/.gitignore").read_text() == "*\n"
