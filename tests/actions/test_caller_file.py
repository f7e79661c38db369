"""A file that the caller named is read whole, or refused with one clear word; nobody waits."""

import os
from functools import partial
from pathlib import Path

import pytest

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.errors import InputError
from tests.waiting import error_of


def test_what_is_open_already_is_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    assert read_file(tmp_path / "file") == b"x" * 3_000_000
    read_end, write_end = os.pipe()  # as a shell's <(...) gives it
    try:
        with os.fdopen(write_end, "wb") as file:
            file.write(b"piped")
        assert read_file(Path(f"/dev/fd/{read_end}")) == b"piped"
    finally:
        os.close(read_end)


def test_a_named_pipe_is_refused_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link"):
        assert error_of(partial(read_file, path)) == f"{path}: a named pipe (expected a file)"


def test_what_is_no_file_or_too_large_is_said(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(300 << 20)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()
    for name, says in (
        ("nothing", "no such file"),
        (".", "a directory"),
        ("large", "more than 256 MiB"),
        ("loop", "cannot be read: Too many levels"),
        ("file/below", "cannot be read: Not a directory"),
        ("a\0b", r"a\\x00b.* \(expected one without NUL\)"),
    ):
        with pytest.raises(InputError, match=says):
            read_file(tmp_path / name)
