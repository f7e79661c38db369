"""Layers lie over each other as containers see them; where runtimes differ nothing is decided."""

import tarfile
from collections.abc import Sequence

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.images.file_system import FileSystem
from aigf_dvc.images.tar import EntryKind, read_entries
from tests.images.builder import digest_of, file, folder, hard_link, other, symlink, tar

Layer = Sequence[tuple[tarfile.TarInfo, bytes]]


def applied(*layers: Layer) -> FileSystem:
    files = FileSystem()
    for number, layer in enumerate(layers):
        for entry in read_entries([tar(*layer)], "layer"):
            files.apply(entry, layer=number, where=f"layer {number}")
    return files


def files_of(*layers: Layer) -> dict[str, str]:
    """Return the first byte of each file, by its path."""
    known = {digest_of(bytes([byte])): chr(byte) for byte in range(128)}
    return {path: known[digest] for path, digest in applied(*layers).files()}


def test_a_later_layer_replaces_files_and_leaves_the_others() -> None:
    assert files_of([file("a", b"1"), file("d/b", b"2")], [file("a", b"3")]) == {
        "a": "3", "d/b": "2",
    }  # fmt: skip


def test_a_whiteout_takes_away_what_lower_layers_have() -> None:
    lower = [file("d/a", b"1"), file("d/b", b"2"), file("e/c", b"3")]
    assert files_of(lower, [file("d/.wh.a"), file(".wh.e")]) == {"d/b": "2"}
    assert files_of(lower, [file("d/.wh.a")], [file("d/a", b"4"), file(".wh.e")]) == {
        "d/a": "4", "d/b": "2",
    }  # fmt: skip
    assert files_of(lower, [file(".wh.nothing")]) == {"d/a": "1", "d/b": "2", "e/c": "3"}


def test_an_opaque_directory_hides_what_lower_layers_have_and_nothing_of_its_own() -> None:
    lower = [file("d/a", b"1"), file("d/s/b", b"2"), file("e", b"3")]
    for upper in (
        [folder("d"), file("d/.wh..wh..opq"), file("d/c", b"4")],
        [folder("d"), file("d/c", b"4"), file("d/.wh..wh..opq")],
        [folder("d"), folder("d/s"), file("d/c", b"4"), file("d/.wh..wh..opq")],
    ):
        assert files_of(lower, upper) == {"d/c": "4", "e": "3"}
    assert files_of(lower, [file("d/.wh..wh..opq")], [file("d/a", b"5")]) == {"d/a": "5", "e": "3"}
    both = [file("d/.wh..wh..opq"), file("d/s/n", b"6"), file("d/.wh..wh..opq")]
    assert files_of(lower, [folder("d"), folder("d/s"), *both]) == {"d/s/n": "6", "e": "3"}


def test_a_file_over_a_directory_and_a_directory_over_a_link_replace_them() -> None:
    assert files_of([file("d/a", b"1")], [file("d", b"2")]) == {"d": "2"}
    lower = [file("d/a", b"1"), symlink("l", "d")]
    assert files_of(lower, [folder("l"), file("l/b", b"2")]) == {"d/a": "1", "l/b": "2"}
    assert files_of([file("d/a", b"1")], [symlink("d", "e")]) == {}
    assert files_of([file("d/a", b"1")], [folder("d")]) == {"d/a": "1"}


def test_a_hard_link_is_the_file_as_it_was_when_the_link_was_made() -> None:
    assert files_of([file("a", b"1"), hard_link("b", "/a")], [file("a", b"2")]) == {
        "a": "2", "b": "1",
    }  # fmt: skip
    assert files_of([file("d/a", b"1")], [hard_link("b", "./d/a"), file("d/.wh.a")]) == {"b": "1"}
    linked = applied([symlink("l", "a"), hard_link("h", "l")])
    assert [(path, node.kind) for path, node in linked.nodes()] == [
        ("h", EntryKind.SYMLINK), ("l", EntryKind.SYMLINK),
    ]  # fmt: skip


def test_links_are_followed_inside_the_image_only() -> None:
    files = applied(
        [
            file("d/a", b"1"), symlink("d/up", "../../../d/a"), symlink("abs", "/d"),
            symlink("loop", "loop"), symlink("out", "../../etc/passwd"), symlink("d/x/y", "../a"),
        ]
    )  # fmt: skip
    reached = {path: files.follow(path) for path in ("d/up", "abs/a", "d/x/y", "loop", "out", "n")}
    assert {path: node.sha256 if node else None for path, node in reached.items()} == {
        "d/up": digest_of(b"1"), "abs/a": digest_of(b"1"), "d/x/y": digest_of(b"1"),
        "loop": None, "out": None, "n": None,
    }  # fmt: skip


def test_the_root_may_be_an_entry() -> None:
    assert files_of([folder("./"), file("./a", b"1")], [folder("/")]) == {"a": "1"}


UNCLEAR: dict[str, tuple[str, list[Layer]]] = {
    "below a link": ("below 'l'", [[folder("d"), symlink("l", "d")], [file("l/a", b"1")]]),
    "below a link of its own": ("below 'l'", [[symlink("l", "/d"), file("l/a", b"1")]]),
    "below a link out": ("below 'l'", [[symlink("l", "/etc"), file("l/passwd", b"1")]]),
    "below a file": ("which is a file", [[file("a", b"1")], [file("a/b", b"2")]]),
    "below a whiteout": ("below a whiteout", [[file(".wh.a/b", b"1")]]),
    "whiteout of a link's child": ("below 'l'", [[symlink("l", "d")], [file("l/.wh.a")]]),
    "made, then taken away": (
        "in one layer", [[file("a", b"1")], [file("a", b"2"), file(".wh.a")]],
    ),
    "taken away, then made": (
        "in one layer", [[file("a", b"1")], [file(".wh.a"), file("a", b"2")]],
    ),
    "taken away, then filled": (
        "in one layer", [[file("d/a", b"1")], [file(".wh.d"), file("d/b", b"2")]],
    ),
    "taken away, then made a directory": (
        "in one layer", [[file("d/a", b"1")], [file(".wh.d"), folder("d")]],
    ),
    "hidden without an entry": (
        "no entry of its own",
        [[file("d/s/a", b"1")], [file("d/s/b", b"2"), file("d/.wh..wh..opq")]],
    ),
    "a whiteout that is a directory": ("is no file", [[folder(".wh.a")]]),
    "a whiteout of nothing": ("the whiteout", [[file("d/.wh.")]]),
    "a whiteout of itself": ("the whiteout", [[file("d/.wh..")]]),
    "a whiteout of its parent": ("the whiteout", [[file("d/.wh...")]]),
    "what aufs kept for itself": ("the whiteout", [[file(".wh..wh.plnk")]]),
    "a hard link to nothing": ("which is no file", [[hard_link("a", "b")]]),
    "a hard link to a directory": ("which is no file", [[folder("d"), hard_link("a", "d")]]),
    "a hard link through a link": (
        "which is no file", [[file("d/a", b"1"), symlink("l", "d"), hard_link("h", "l/a")]],
    ),
    "a hard link out": ("leads upwards", [[hard_link("h", "../../etc/passwd")]]),
    "a root that is none": ("no directory", [[other("./", tarfile.SYMTYPE, "/x")]]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_runtimes_do_differently_is_undecided(name: str) -> None:
    says, layers = UNCLEAR[name]
    with pytest.raises(UndecidedError) as error:
        applied(*layers)
    assert says in str(error.value)
    assert f"layer {len(layers) - 1}" in error.value.where or "upwards" in says
