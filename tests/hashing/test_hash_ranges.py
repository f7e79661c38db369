"""Ranges of files are hashed on several threads, and each digest goes where it belongs."""

import hashlib
import os
from pathlib import Path

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing.hash_ranges import ByteRange, hash_ranges
from aigf_dvc.hashing.hash_worker import identity

LARGE = bytes(range(256)) * (3 << 12)  # three buffers


def a_range(path: Path, start: int = 0, end: int | None = None) -> ByteRange:
    status = path.stat()
    stop = status.st_size if end is None else end
    return ByteRange(path.name, str(path), identity(status), start, stop)


def test_each_digest_stands_in_the_place_of_its_file(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}" for number in range(200)]
    for number, file in enumerate(files):
        file.write_bytes(b"x" * number)
    assert hash_ranges([a_range(file) for file in files]) == [
        hashlib.sha256(b"x" * number).hexdigest() for number in range(200)
    ]


def test_a_range_is_hashed_alone_and_by_the_hash_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(LARGE)
    end = (2 << 20) + 1
    found = hash_ranges([a_range(tmp_path / "w", 5, end)], new=hashlib.blake2b)
    assert found == [hashlib.blake2b(LARGE[5:end]).hexdigest()]


def test_nothing_has_no_digests() -> None:
    assert hash_ranges([]) == []


def test_all_that_is_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(LARGE)
    told: list[int] = []
    hash_ranges([a_range(tmp_path / "w"), a_range(tmp_path / "w", 0, 7)], told.append)
    assert sum(told) == len(LARGE) + 7


def test_a_file_that_is_no_longer_what_it_was_cannot_be_decided(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"1")
    before = a_range(tmp_path / "w")
    (tmp_path / "other").write_bytes(b"2")
    (tmp_path / "other").replace(tmp_path / "w")
    with pytest.raises(UndecidedError, match="changed while it was read"):
        hash_ranges([before])


def test_a_file_that_became_a_link_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"1")
    before = a_range(tmp_path / "w")
    (tmp_path / "w").rename(tmp_path / "moved")
    (tmp_path / "w").symlink_to("moved")
    with pytest.raises(UndecidedError, match="cannot be read"):
        hash_ranges([before])
    (tmp_path / "w").unlink()
    os.mkfifo(tmp_path / "w")
    with pytest.raises(UndecidedError, match="cannot be read"):
        hash_ranges([before])


def test_one_bad_file_among_many_stops_all(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(LARGE)
    good = a_range(tmp_path / "good")
    gone = good._replace(path=str(tmp_path / "gone"), where="gone")
    with pytest.raises(UndecidedError, match="gone: cannot be read"):
        hash_ranges([gone, *[good] * 50])
