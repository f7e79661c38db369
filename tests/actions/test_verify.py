"""Verification hashes what is here, and takes nothing but an accepted bundle for a yes."""

import os
from pathlib import Path

import pytest

from aigf_dvc.actions.verify import candidates_from_store, exit_code, read_artifact
from aigf_dvc.digests import sha256, tree_digest
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored


def test_a_file_is_one_subject_and_a_directory_one_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "m/sub").mkdir(parents=True)
    (tmp_path / "m/a").write_bytes(b"1")
    (tmp_path / "m/sub/b").write_bytes(b"2")
    found = read_artifact(tmp_path / "m")
    assert [(f.name, f.sha256) for f in found.files] == [
        ("a", sha256(b"1")),
        ("sub/b", sha256(b"2")),
    ]
    assert found.key == tree_digest([(b"a", sha256(b"1")), (b"sub/b", sha256(b"2"))])
    single = read_artifact(tmp_path / "m/a")
    assert single.key == single.files[0].sha256 == sha256(b"1")


def test_a_link_to_a_model_is_the_model_that_a_loader_would_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"1")
    (tmp_path / "link").symlink_to("real")
    found = read_artifact(tmp_path / "link")
    assert (found.files[0].name, found.key) == ("link", sha256(b"1"))


def test_nothing_and_an_empty_directory_are_the_callers_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nothing", tmp_path / "nothing/x"):
        with pytest.raises(InputError):
            read_artifact(path)


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("loop", "loop/x", "pipe", "link"):
        with pytest.raises(UndecidedError):
            read_artifact(tmp_path / name)


def test_a_link_out_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "other").write_text("x")
    (tmp_path / "m/a").symlink_to(tmp_path / "other")
    with pytest.raises(UndecidedError, match="leads out"):
        read_artifact(tmp_path / "m")


def test_bundles_and_the_evidence_beside_them_come_from_the_store(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    artifact = read_artifact(tmp_path / "a")
    store = FolderStore(tmp_path / "store")
    store.add(
        (
            Stored(model=artifact.key, ending=BUNDLE, data=b"bundle"),
            Stored(model=artifact.key, ending=EVIDENCE, data=b"evidence"),
        )
    )
    found = candidates_from_store(store, artifact)
    assert found.bundles == (b"bundle",)
    assert found.beside == {sha256(b"evidence"): b"evidence"}


def test_no_verification_at_all_is_a_no() -> None:
    assert exit_code(()) == 1
