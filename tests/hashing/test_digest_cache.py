"""The digest cache saves reading, notices every edit, and can do no harm."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.file_hashing import Hashed, hash_path

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
    monkeypatch.setattr("aigf_dvc.hashing.digest_cache.time.time_ns", lambda: real() + 60 * 10**9)


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


@pytest.mark.usefixtures("later")
def test_an_edit_inside_a_remembered_directory_is_noticed(root: Path) -> None:
    (root / "d").mkdir()
    (root / "d/x").write_text("1")
    (root / "d/y").write_text("2")
    cache = DigestCache(root)
    cache.hash("d")
    cache.save()
    before = (root / "d/x").stat()
    (root / "d/x").write_text("3")
    os.utime(root / "d/x", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert DigestCache(root).to_read("d") == 1  # of the two
    assert DigestCache(root).hash("d") == hash_path(root, "d")
    (root / "d/x").rename(root / "d/z")
    assert DigestCache(root).hash("d").md5 == hash_path(root, "d").md5


def test_a_file_that_was_new_when_its_hashing_began_is_not_remembered(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit during the hashing, in the same tick of the clock as the last, would not show."""
    changed = (root / "a").stat().st_ctime_ns
    times = iter([changed + 10**9])
    monkeypatch.setattr(
        "aigf_dvc.hashing.digest_cache.time.time_ns", lambda: next(times, changed + 60 * 10**9)
    )
    remembered(root)
    assert not (root / PLACE).exists()


@pytest.mark.usefixtures("later")
def test_what_was_hashed_in_this_run_is_not_read_again(root: Path) -> None:
    counted: list[int] = []
    cache = DigestCache(root)
    assert cache.to_read("a") == 5
    first = cache.hash("a", progress=counted.append)
    assert cache.hash("a", progress=counted.append) == first
    assert sum(counted) == 5
    cache.save()
    assert DigestCache(root).to_read("a") == 0


@pytest.mark.usefixtures("later")
def test_dvc_2s_hash_is_remembered_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a").write_bytes(b"x\r\n")
    cache = DigestCache(root)
    wanted = cache.hash("a", text=True)
    assert wanted.md5_as_text is not None
    cache.save()
    monkeypatch.setattr("aigf_dvc.hashing.digest_cache.md5_as_text", None)  # not called again
    assert DigestCache(root).hash("a", text=True) == wanted


@pytest.mark.usefixtures("later")
def test_what_is_gone_is_forgotten_in_the_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aigf_dvc.hashing.digest_cache._SPARE", 2)
    for number in range(10):
        (root / "a").write_text(str(number))
        remembered(root)
    assert len((root / PLACE).read_text().splitlines()) == 10  # others may be asked for later
    (root / "a").write_text("last")
    cache = DigestCache(root)
    cache.hash("a")
    cache.save(was_all=True)
    assert len((root / PLACE).read_text().splitlines()) == 1
    assert DigestCache(root).to_read("a") == 0


@pytest.mark.usefixtures("later")
def test_a_directorys_entry_cannot_stand_for_a_file_nor_the_other_way(root: Path) -> None:
    (root / "d").mkdir()
    (root / "d/x").write_text("1")
    cache = DigestCache(root)
    cache.hash("d")
    cache.save()
    text = (root / PLACE).read_text()
    file, folder = (line.partition(" ") for line in sorted(text.splitlines(), key=len))
    (root / PLACE).write_text(f"{file[0]} {folder[2]}\n{folder[0]} {file[2]}\n")
    assert DigestCache(root).hash("d").md5 == hash_path(root, "d").md5
