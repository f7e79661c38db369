"""Many files are hashed by several processes: the same digests, in order, and no edit unseen."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing import hash_files as module
from aigf_dvc.hashing import hash_worker
from aigf_dvc.hashing.file_hashing import hash_path
from aigf_dvc.hashing.hash_files import hash_files
from aigf_dvc.hashing.hash_wanted import Wanted
from aigf_dvc.hashing.hash_worker import identity


def make(folder: Path, count: int) -> list[Wanted]:
    """Make files of different content and size, and want them."""
    folder.mkdir()
    for number in range(count):
        (folder / f"f{number}").write_bytes(b"%d" % number * (number % 50))
    files = [folder / f"f{number}" for number in range(count)]
    return [Wanted(file.name, str(file), identity(file.stat())) for file in files]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let helpers join in for few files too, even on one core."""
    monkeypatch.setattr(module, "_WORTH_FILES", 1)
    monkeypatch.setattr(module, "_PARCEL_FILES", 10)
    monkeypatch.setattr(module, "_cores", lambda: 3)


@pytest.mark.usefixtures("eager")
def test_helpers_find_the_same_digests_in_the_same_order(tmp_path: Path) -> None:
    wanted = make(tmp_path / "d", 300)
    counted: list[int] = []
    found = hash_files(wanted, counted.append)
    for file, digests in zip(wanted, found, strict=True):
        data = Path(file.path).read_bytes()
        assert digests.md5 == hashlib.md5(data).hexdigest()
        assert digests.sha256 == hashlib.sha256(data).hexdigest()
    assert sum(counted) == sum(file.size for file in wanted)


def test_a_helper_answers_as_we_do_and_imports_nothing_of_ours(tmp_path: Path) -> None:
    wanted = make(tmp_path / "d", 5)
    paths = [file.path for file in wanted] + [str(tmp_path), str(tmp_path / "nothing")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", hash_worker.__file__],
        input=json.dumps(paths) + "\n",
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    answers = [tuple(answer) for answer in json.loads(done.stdout)]
    assert answers == [hash_worker.digests(path) for path in paths]
    assert [bool(answer[0]) for answer in answers] == [True] * 5 + [False] * 2


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("helper", ["exit(1)", "print('[]', flush=True); input()", "print(1)"])
def test_what_a_broken_helper_leaves_is_done_by_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helper: str
) -> None:
    program = tmp_path / "broken.py"
    program.write_text(helper)
    monkeypatch.setattr(hash_worker, "__file__", str(program))
    wanted = make(tmp_path / "d", 100)
    assert len({digests.md5 for digests in hash_files(wanted)}) > 90


@pytest.mark.usefixtures("eager")
def test_without_a_python_to_start_we_do_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    assert len(hash_files(make(tmp_path / "d", 30))) == 30


@pytest.mark.parametrize("size", [10, 9 << 20])
def test_a_file_that_is_no_longer_what_was_seen_is_refused(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(bytes(size))
    wanted = Wanted("a", str(tmp_path / "a"), identity((tmp_path / "a").stat()))
    (tmp_path / "a").write_bytes(bytes(size - 1) + b"x")
    os.utime(tmp_path / "a", ns=(0, 0))
    with pytest.raises(UndecidedError, match="changed while it was read"):
        hash_files([wanted])


@pytest.mark.parametrize("size", [10, 9 << 20])
def test_a_file_that_became_a_link_or_is_gone_is_refused(tmp_path: Path, size: int) -> None:
    (tmp_path / "b").write_bytes(bytes(size))
    (tmp_path / "a").symlink_to("b")
    wanted = Wanted("a", str(tmp_path / "a"), identity((tmp_path / "a").stat()))
    with pytest.raises(UndecidedError, match="cannot be read"):
        hash_files([wanted])
    with pytest.raises(UndecidedError, match="cannot be read"):
        hash_files([wanted._replace(path=str(tmp_path / "c"))])


def edits(folder: Path) -> dict[str, object]:
    """Return ways to change a directory, by name."""

    def edit() -> None:
        before = (folder / "f1").stat()
        (folder / "f1").write_bytes(b"X" * before.st_size)
        os.utime(folder / "f1", ns=(before.st_atime_ns, before.st_mtime_ns))

    return {
        "add": (folder / "new").touch,
        "remove": (folder / "f1").unlink,
        "rename": lambda: (folder / "f1").rename(folder / "g1"),
        "edit": edit,
        "replace": lambda: (folder / "f2").replace(folder / "f1"),
        "remove all": lambda: folder.rename(folder.with_name("away")),
    }


@pytest.mark.parametrize("kind", ["add", "remove", "rename", "edit", "replace", "remove all"])
def test_a_directory_that_is_edited_while_it_is_read_is_refused(tmp_path: Path, kind: str) -> None:
    make(tmp_path / "d", 20)
    edit = edits(tmp_path / "d")[kind]
    assert callable(edit)
    done: list[int] = []

    def once(count: int) -> None:  # called when the files were read, before the end
        if not done:
            edit()
        done.append(count)

    with pytest.raises(UndecidedError, match="the directory changed while it was read"):
        hash_path(tmp_path, "d", progress=once)
    assert done
