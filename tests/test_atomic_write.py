import os
import stat
from pathlib import Path

import pytest

from aigf_dvc.atomic_write import write_atomically


def test_a_new_file_holds_exactly_the_bytes(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new", b"a\r\n\0b")
    assert (tmp_path / "new").read_bytes() == b"a\r\n\0b"


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new", b"1")
    write_atomically(tmp_path / "new", b"2")
    assert list(tmp_path.iterdir()) == [tmp_path / "new"]


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_bytes(b"old")
    path.chmod(0o750)
    write_atomically(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def test_a_wanted_mode_is_set(tmp_path: Path) -> None:
    write_atomically(tmp_path / "hook", b"", mode=0o755)
    assert stat.S_IMODE((tmp_path / "hook").stat().st_mode) == 0o755


def test_a_failing_write_leaves_the_old_bytes_and_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").write_bytes(b"old")
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "folder", b"new")
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]
    assert (tmp_path / "folder" / "inside").read_bytes() == b"old"


def test_a_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "aigf.lock").symlink_to("precious")
    write_atomically(tmp_path / "aigf.lock", b"new")
    assert (tmp_path / "precious").read_bytes() == b"old"
    assert not (tmp_path / "aigf.lock").is_symlink()
    assert (tmp_path / "aigf.lock").read_bytes() == b"new"


def test_a_device_or_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, b"data")
        assert os.read(reader, 10) == b"data"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]
