"""What stands in the new folder is what was verified, or nothing stands there."""

import os
import stat
from pathlib import Path

import pytest

from aigf_dvc.actions import materialize
from aigf_dvc.actions.materialize import Staging, staging
from aigf_dvc.actions.verify import Artifact, read_artifact
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.hashing import file_copying


def a_model(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    (model / "deep").mkdir(parents=True)
    (model / "weights.bin").write_bytes(b"weights")
    (model / "deep" / "config.json").write_bytes(b"{}")
    (model / "run.sh").write_bytes(b"#!/bin/sh\n")
    (model / "run.sh").chmod(0o700)
    return model


def copied(staged: Staging, path: Path) -> Artifact:
    return read_artifact(path, hash_file=staged.copy)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def nothing_left(tmp_path: Path, *kept: str) -> bool:
    return sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_a_directory_is_copied_whole_with_the_digests_of_the_copy(tmp_path: Path) -> None:
    model, target = a_model(tmp_path), tmp_path / "out"
    with staging(target) as staged:
        artifact = copied(staged, model)
        assert not target.exists()
        staged.put_in_place()
    assert artifact == read_artifact(model) == read_artifact(target)
    assert tree(target) == tree(model)
    assert nothing_left(tmp_path, "model", "out")


def test_a_file_keeps_its_name_in_the_new_folder(tmp_path: Path) -> None:
    (tmp_path / "m.bin").write_bytes(b"model")
    (tmp_path / "link.bin").symlink_to("m.bin")
    for name in ("m.bin", "link.bin"):
        with staging(tmp_path / f"out-{name}") as staged:
            assert copied(staged, tmp_path / name).key == sha256(b"model")
            staged.put_in_place()
        assert tree(tmp_path / f"out-{name}") == {name: b"model"}
        assert not (tmp_path / f"out-{name}" / name).is_symlink()


def test_the_copy_can_be_read_by_all_and_run_by_nobody(tmp_path: Path) -> None:
    target = tmp_path / "out"
    before = os.umask(0o077)
    try:
        with staging(target) as staged:
            assert stat.S_IMODE(staged.folder.stat().st_mode) == 0o700
            copied(staged, a_model(tmp_path))
            staged.put_in_place()
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in target.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (target, target / "deep")}
    assert (modes, folders) == ({0o644}, {0o755})


def stopped(target: Path, model: Path) -> None:
    with staging(target) as staged:
        copied(staged, model)
        raise UndecidedError("stop")


def test_what_is_not_put_in_place_is_gone(tmp_path: Path) -> None:
    model = a_model(tmp_path)
    with staging(tmp_path / "out") as staged:
        copied(staged, model)
    with pytest.raises(UndecidedError, match="stop"):
        stopped(tmp_path / "out", model)
    assert nothing_left(tmp_path, "model")


def test_a_model_exchanged_after_it_was_read_is_not_what_stands_there(tmp_path: Path) -> None:
    model, target = a_model(tmp_path), tmp_path / "out"
    honest = read_artifact(model)
    with staging(target) as staged:
        assert copied(staged, model) == honest
        (model / "weights.bin").write_bytes(b"poison!")
        model.rename(tmp_path / "away")
        model.mkdir()
        (model / "weights.bin").write_bytes(b"more poison")
        staged.put_in_place()
    assert read_artifact(target) == honest


def test_a_file_that_changes_while_it_is_copied_is_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = a_model(tmp_path)
    (model / "weights.bin").write_bytes(b"x" * 300)
    monkeypatch.setattr(file_copying, "_CHUNK", 100)

    def grow(_count: int) -> None:
        with (model / "weights.bin").open("ab") as file:
            file.write(b"y")

    with staging(tmp_path / "out") as staged, pytest.raises(UndecidedError, match="changed while"):
        staged.copy(model, "weights.bin", "weights.bin", progress=grow)


@pytest.mark.parametrize("make", ["folder", "file", "link", "nowhere"])
def test_nothing_is_written_over(tmp_path: Path, make: str) -> None:
    target = tmp_path / "out"
    match make:
        case "folder":
            target.mkdir()
        case "file":
            target.write_text("mine")
        case "link":
            target.symlink_to("nowhere")
        case _:
            target = tmp_path / "none" / "out"
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError), staging(target):
        pass
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be made") as refused, staging(tmp_path / "a/b"):
        pass
    assert refused.value.hint == f"make {tmp_path / 'a'} first"


def test_what_was_put_there_meanwhile_stays(tmp_path: Path) -> None:
    model, target = a_model(tmp_path), tmp_path / "out"
    with staging(target) as staged:
        copied(staged, model)
        target.mkdir()
        (target / "mine").write_text("mine")
        with pytest.raises(UndecidedError, match="cannot be put there"):
            staged.put_in_place()
    assert tree(target) == {"mine": b"mine"}
    assert nothing_left(tmp_path, "model", "out")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", ""])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    model = a_model(tmp_path)
    with staging(tmp_path / "out") as staged, pytest.raises(UndecidedError, match="leads out"):
        staged.copy(model, "weights.bin", name)


def test_a_link_that_leads_out_of_the_model_is_refused(tmp_path: Path) -> None:
    model = a_model(tmp_path)
    (tmp_path / "secret").write_text("secret")
    (model / "link").symlink_to("../secret")
    with staging(tmp_path / "out") as staged, pytest.raises(UndecidedError, match="leads out"):
        copied(staged, model)
    assert nothing_left(tmp_path, "model", "secret")


def test_a_full_disk_is_undecided(tmp_path: Path) -> None:
    model = a_model(tmp_path)
    with staging(tmp_path / "out") as staged:
        staged.copy(model, "weights.bin", "same")
        with pytest.raises(UndecidedError, match="cannot be copied: File exists"):
            staged.copy(model, "weights.bin", "same")


def test_the_copy_reaches_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(materialize, "_flush", lambda folder: flushed.append(folder.name))
    with staging(tmp_path / "out") as staged:
        copied(staged, a_model(tmp_path))
        staged.put_in_place()
    assert flushed == [staged.folder.name, "deep", tmp_path.name]
