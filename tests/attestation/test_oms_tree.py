"""A model is the signed one when each file is there, with its bytes, and no other."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.oms import HashType, Method, OmsStatement, Resource, root_digest
from aigf_dvc.attestation.oms_tree import (
    SeenTree,
    digest_differences,
    not_covered,
    tree_differences,
)
from aigf_dvc.digests import sha256

HEX = sha256(b"w")
TREE = SeenTree(name="net", is_directory=True, sizes={"a": 3, "sub/b": 0})
FILE = SeenTree(name="model.bin", is_directory=False, sizes={"model.bin": 3})


def a_statement(
    *names: str, allow_symlinks: bool = False, ends: Mapping[str, int] | None = None
) -> OmsStatement:
    sizes = ends or {}
    resources = tuple(Resource(path=name, end=sizes.get(name), digest=HEX) for name in names)
    return OmsStatement(
        name="net",
        method=Method.SHARDS if ends else Method.FILES,
        hash_type=HashType.SHA256,
        allow_symlinks=allow_symlinks,
        ignore_paths=(),
        resources=resources,
        root=root_digest(item.digest for item in resources),
    )


def test_the_same_files_do_not_differ() -> None:
    assert tree_differences(a_statement("a", "sub/b"), TREE) == ()
    assert digest_differences(a_statement("a", "sub/b"), TREE, [HEX, HEX]) == ()


def test_a_missing_an_added_and_a_renamed_file_are_named() -> None:
    assert tree_differences(a_statement("a"), TREE) == ("not signed: 'sub/b'",)
    assert tree_differences(a_statement("a", "sub/b", "c"), TREE) == ("missing: 'c'",)
    assert tree_differences(a_statement("A", "sub/b"), TREE) == ("missing: 'A'", "not signed: 'a'")


def test_a_link_is_refused_unless_its_signer_allowed_links() -> None:
    linked = replace(TREE, links=("a",))
    assert "a symbolic link: 'a'" in tree_differences(a_statement("a", "sub/b"), linked)[0]
    assert tree_differences(a_statement("a", "sub/b", allow_symlinks=True), linked) == ()


def test_a_link_out_of_the_model_is_told() -> None:
    statement = a_statement("a", "sub/b", allow_symlinks=True)
    linked = replace(TREE, links=("a",), outside=("a",))
    assert not_covered(statement, linked) == ("'a' is a link out of the model",)


@pytest.mark.parametrize("name", [".", "model.bin", "another name"])
def test_a_single_file_is_known_by_its_bytes_whatever_its_name(name: str) -> None:
    assert tree_differences(a_statement(name), FILE) == ()
    (changed,) = digest_differences(a_statement(name), FILE, [sha256(b"x")])
    assert changed.startswith("changed: 'model.bin' has")


def test_a_file_is_no_directory_and_a_directory_no_file() -> None:
    assert tree_differences(a_statement("sub/w"), FILE) == ("1 files were signed, not one alone",)
    assert tree_differences(a_statement("a", "b"), FILE) == ("2 files were signed, not one alone",)
    assert tree_differences(a_statement("."), TREE) == ("one file was signed, not a directory",)


def test_shards_tell_the_size_of_a_file() -> None:
    assert tree_differences(a_statement("a", ends={"a": 3}), TREE) == ()
    assert tree_differences(a_statement("a", ends={"a": 4}), TREE) == (
        "changed: 'a' has 3 bytes, not 4",
    )


def test_an_empty_file_that_shards_leave_out_is_told() -> None:
    assert not_covered(a_statement("a", ends={"a": 3}), TREE) == (
        "'sub/b' is not signed: empty, and shards leave such out",
    )
    assert not_covered(a_statement("a", "sub/b"), TREE) == ()


def test_what_was_passed_over_is_told() -> None:
    seen = replace(TREE, passed_over=(".git", "cache"))
    assert not_covered(a_statement("a", "sub/b"), seen) == (
        "'.git' is not signed: ignored",
        "'cache' is not signed: ignored",
    )


def test_a_long_name_is_told_in_part() -> None:
    (one, *_) = tree_differences(a_statement("a", "sub/b", "x" * 100_000), TREE)
    assert one.startswith("missing: 'xxx")
    assert len(one) < 400


def test_many_differences_are_counted_not_listed() -> None:
    many = replace(TREE, sizes={f"f{number:03}": 1 for number in range(50)})
    found = tree_differences(a_statement("f000"), many)
    assert len(found) == 21
    assert found[-1] == "and 29 more like this"
