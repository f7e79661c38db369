"""A folder keeps attestations as files, and believes only those that are what their names say."""

import os
from pathlib import Path

import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, MAX_BYTES, Stored, Unreadable, read_stored
from aigf_dvc.stores.open import open_store

MODEL = sha256(b"model")
GOOD = Stored(model=MODEL, ending=BUNDLE, data=b"one")


def test_what_was_added_is_found_and_the_folder_is_made(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "a/b")
    beside = Stored(model=MODEL, ending=EVIDENCE, data=b"two")
    store.add((GOOD, beside))
    store.add((GOOD,))
    assert set(store.find(MODEL)) == {GOOD, beside}
    assert store.find(sha256(b"other")) == ()


def test_wrong_names_wrong_bytes_and_odd_files_are_ignored(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.add((GOOD,))
    folder = tmp_path / MODEL
    (folder / f"{'0' * 64}{BUNDLE}").write_bytes(b"other bytes")
    (folder / "README").write_text("hello")
    (folder / f"{sha256(b'x')}{BUNDLE}").mkdir()
    os.mkfifo(folder / f"{sha256(b'y')}{BUNDLE}")
    (folder / f"{sha256(b'z')}{BUNDLE}").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe")
    (folder / "waits").symlink_to("pipe")
    (folder / f"{sha256(b'loop')}{BUNDLE}").symlink_to(f"{sha256(b'loop')}{BUNDLE}")
    (tmp_path / "outside").write_bytes(b"two")
    (folder / f"{sha256(b'two')}{BUNDLE}").symlink_to(tmp_path / "outside")
    assert store.find(MODEL) == (GOOD,)


def test_all_files_are_told_and_the_damaged_ones_named(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    other = Stored(model=sha256(b"other"), ending=BUNDLE, data=b"two")
    store.add((GOOD, other))
    bad = f"{MODEL}/{'0' * 64}{BUNDLE}"
    (tmp_path / bad).write_bytes(b"other bytes")
    pipe = f"{MODEL}/{sha256(b'y')}{BUNDLE}"
    os.mkfifo(tmp_path / pipe)
    (tmp_path / MODEL / "README").write_text("hello")
    (tmp_path / "notes.txt").write_text("hello")
    found = list(store.all())
    assert {item for item in found if isinstance(item, Stored)} == {GOOD, other}
    assert {item.name for item in found if isinstance(item, Unreadable)} == {bad, pipe}
    models = [item.name.partition("/")[0] for item in found]
    assert models == sorted(models)
    with pytest.raises(InputError, match="no such folder"):
        list(FolderStore(tmp_path / "nothing").all())


def test_a_store_of_too_many_files_is_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aigf_dvc.stores.layout.MOST_FILES", 1)
    monkeypatch.setattr("aigf_dvc.stores.folder.MOST_FILES", 1)
    store = FolderStore(tmp_path)
    store.add((GOOD, Stored(model=MODEL, ending=BUNDLE, data=b"two")))
    with pytest.raises(UndecidedError, match="2 files"):
        list(store.all())


def test_a_damaged_file_is_mended_when_its_like_is_added_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / MODEL).mkdir()
    (tmp_path / GOOD.name).write_bytes(b"half")
    store.add((GOOD,))
    assert store.find(MODEL) == (GOOD,)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        FolderStore(tmp_path / "nothing").find(MODEL)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (f"../{MODEL}/{sha256(b'x')}{BUNDLE}", b"x"),
        (f"{MODEL}/{sha256(b'x')}{BUNDLE}\n", b"x"),
        (f"{MODEL}/{sha256(b'x')}", b"x"),
        (GOOD.name, b"two"),
        (f"{MODEL}/{sha256(bytes(MAX_BYTES + 1))}{BUNDLE}", bytes(MAX_BYTES + 1)),
    ],
    ids=["path", "newline", "no ending", "other bytes", "too large"],
)
def test_a_name_of_another_form_is_not_ours(name: str, data: bytes) -> None:
    assert read_stored(name, data) is None


@pytest.mark.usefixtures("home")
def test_stores_are_opened_by_what_people_write(tmp_path: Path) -> None:
    assert open_store(str(tmp_path)).place == str(tmp_path)
    assert open_store("oci://127.0.0.1:5000/acme/models").place.startswith("oci://")
    assert open_store(f"file://{tmp_path}").place.startswith("file://")
    for text in ("https://example.com/x", "nothing://bucket"):
        with pytest.raises(InputError, match="expected"):
            open_store(text)
    with pytest.raises(InputError, match="no such folder"):
        open_store(f"git:{tmp_path}/nothing")
    with pytest.raises(InputError, match="not a git repository"):
        open_store(f"git:{tmp_path}")
