"""A changed file is found by its bytes, whatever the index believes."""

import os
from collections.abc import Callable

import pytest

from aigf_dvc.capture.dirty import dirty_paths
from aigf_dvc.git.objects import GitObjects
from tests.playground import Playground

CARD = "MODEL_CARD.md"


def dirty(playground: Playground) -> tuple[str, ...]:
    with GitObjects(playground.root) as objects:
        return dirty_paths(playground.project, objects)


def _assume_unchanged(p: Playground) -> None:
    p.git("update-index", "--assume-unchanged", CARD)
    p.replace(CARD, "three", "seven")


def _skip_worktree(p: Playground) -> None:
    p.git("update-index", "--skip-worktree", CARD)
    p.replace(CARD, "three", "seven")


def _clean_filter(p: Playground) -> None:
    p.git("config", "filter.back.clean", "sed s/seven/three/")
    p.write(".git/info/attributes", f"{CARD} filter=back\n")
    p.replace(CARD, "three", "seven")


def _same_size_and_time(p: Playground) -> None:
    p.git("status")
    p.edit_keeping_size_and_mtime(CARD)


def _removed(p: Playground) -> None:
    (p.root / CARD).unlink()


def _link_instead(p: Playground) -> None:
    (p.root / CARD).rename(p.root / "other.md")
    (p.root / CARD).symlink_to("other.md")


def _folder_instead(p: Playground) -> None:
    (p.root / CARD).unlink()
    (p.root / CARD).mkdir()


def _pipe_instead(p: Playground) -> None:
    (p.root / CARD).unlink()
    os.mkfifo(p.root / CARD)


def _staged_only(p: Playground) -> None:
    text = p.read(CARD)
    p.write(CARD, text + "more\n")
    p.git("add", CARD)


@pytest.mark.parametrize(
    "spoil",
    [
        _assume_unchanged,
        _skip_worktree,
        _clean_filter,
        _same_size_and_time,
        _removed,
        _link_instead,
        _folder_instead,
        _pipe_instead,
        _staged_only,
    ],
    ids=lambda f: f.__name__.strip("_"),
)
def test_a_changed_file_is_dirty(
    playground: Playground, spoil: Callable[[Playground], None]
) -> None:
    spoil(playground)
    assert dirty(playground) == (CARD,)


def test_a_clean_tree_an_untracked_file_and_other_line_ends_are_not_dirty(
    playground: Playground,
) -> None:
    assert dirty(playground) == ()
    playground.write("new.txt", "x")
    card = playground.root / CARD
    card.write_bytes(card.read_bytes().replace(b"\n", b"\r\n"))
    assert dirty(playground) == ()


def test_bytes_that_are_no_text_have_no_line_ends(playground: Playground) -> None:
    playground.write("blob.bin", b"\0a\n")
    playground.commit()
    playground.write("blob.bin", b"\0a\r\n")
    assert dirty(playground) == ("blob.bin",)


def test_a_name_that_is_not_utf8_can_be_dirty(playground: Playground) -> None:
    path = playground.root / os.fsdecode(b"\xff.txt")
    path.write_bytes(b"x")
    playground.commit()
    path.write_bytes(b"y")
    assert dirty(playground) == (os.fsdecode(b"\xff.txt"),)


def test_files_outside_the_projects_folder_do_not_count(playground: Playground) -> None:
    playground.write("ml/.dvc/config", "")
    playground.write("ml/aigf.yaml", "models: {a: {path: a}}\n")
    playground.commit()
    playground.replace(CARD, "three", "seven")
    assert dirty(Playground(playground.root / "ml")) == ()
    playground.write("ml/aigf.yaml", "x")
    assert dirty(Playground(playground.root / "ml")) == ("ml/aigf.yaml",)
