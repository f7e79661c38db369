"""A model is looked at as its signer did: links are seen, what is left out is not entered."""

import os
from pathlib import Path

import pytest

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.hashing.signed_tree import SignedTree, demand_same, look_at


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "net"
    (folder / "sub/.git").mkdir(parents=True)
    (folder / "weights").write_bytes(b"123")
    (folder / "sub/words").write_bytes(b"")
    (folder / "sub/.git/x").write_bytes(b"1")
    return folder


def look(model: Path, *unsigned: str, signature: Path | None = None) -> SignedTree:
    return look_at(model, unsigned=frozenset(unsigned), signature=signature)


def test_every_file_is_seen_with_its_size(model: Path) -> None:
    seen = look(model, ".git").seen
    assert seen.sizes == {"weights": 3, "sub/words": 0, "sub/.git/x": 1}
    assert (seen.name, seen.is_directory, seen.links, seen.passed_over) == ("net", True, (), ())


def test_a_file_is_a_model_too_even_through_a_link(model: Path) -> None:
    assert look(model / "weights").seen.sizes == {"weights": 3}
    (model.parent / "link").symlink_to(model / "weights")
    found = look(model.parent / "link")
    assert (found.seen.sizes, found.seen.is_directory) == ({"link": 3}, False)
    assert found.range("link", 0, None).path == str(model / "weights")


def test_what_is_left_out_is_not_entered(model: Path) -> None:
    os.mkfifo(model / "sub/.git/pipe")
    seen = look(model, "sub/.git", "nowhere").seen
    assert (set(seen.sizes), seen.passed_over) == ({"weights", "sub/words"}, ("sub/.git",))


def test_the_signature_itself_is_no_part_of_the_model(model: Path) -> None:
    (model / "model.sig").write_bytes(b"{}")
    assert "model.sig" in look(model).seen.sizes
    seen = look(model, signature=model / "model.sig").seen
    assert ("model.sig" in seen.sizes, seen.passed_over) == (False, ("model.sig",))


def test_links_are_seen_and_so_are_those_that_lead_out(model: Path) -> None:
    (model.parent / "blob").write_bytes(b"1234")
    (model / "inside").symlink_to("weights")
    (model / "out").symlink_to("../blob")
    found = look(model)
    assert set(found.seen.links) == {"inside", "out"}
    assert found.seen.outside == ("out",)
    assert found.range("out", 0, None).end == 4


def test_links_to_folders_and_to_nothing_cannot_be_decided(model: Path) -> None:
    (model / "link").symlink_to("sub")
    with pytest.raises(UndecidedError, match="link to a folder"):
        look(model)
    (model / "link").unlink()
    (model / "link").symlink_to("nowhere")
    with pytest.raises(UndecidedError, match="leads nowhere"):
        look(model)


def test_what_is_no_file_cannot_be_decided(model: Path) -> None:
    os.mkfifo(model / "pipe")
    with pytest.raises(UndecidedError, match="not a regular file"):
        look(model)
    with pytest.raises(UndecidedError, match="not a regular file"):
        look(model / "pipe")


def test_a_name_that_is_no_text_cannot_be_decided(model: Path) -> None:
    Path(os.fsdecode(os.fsencode(model) + b"/\xff")).write_bytes(b"")
    with pytest.raises(UndecidedError, match="not UTF-8"):
        look(model)


def test_no_model_is_the_callers_mistake(model: Path) -> None:
    for path in (model / "nothing", model / "weights/x"):
        with pytest.raises(InputError):
            look(path)


def test_a_model_that_changed_meanwhile_cannot_be_decided(model: Path) -> None:
    before = look(model)
    demand_same(before, look(model))
    (model / "more").write_bytes(b"")
    with pytest.raises(UndecidedError, match="the model changed"):
        demand_same(before, look(model))
    (model / "more").unlink()
    (model / "weights").write_bytes(b"456")
    with pytest.raises(UndecidedError, match="the model changed"):
        demand_same(before, look(model))
