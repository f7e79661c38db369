import hashlib
import io

import pytest
from dvc_data.hashfile.hash import fobj_md5
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.meta import Meta
from dvc_data.hashfile.tree import Tree

from aigf_dvc.digests import (
    Sha256,
    as_sha256,
    dvc_directory,
    md5,
    md5_dos2unix,
    sha256,
    tree_digest,
)

CONTENTS = [
    b"", b"text\n", b"text\r\nmore\r\n", b"\r", b"a\rb\r\n", b"\r\n" * 400, b"nul\0\r\n",
    "ü\r\n".encode() * 10, "日本語\r\n".encode() * 10, bytes(range(256)) + b"\r\n",
    b"a" * 511 + b"\r\n", b"a" * 512 + b"\r\n\0", b"a" * 7 + b"\x80" * 3 + b"\r\n",
    b"a" * 70 + b"\x80" * 30, b"a" * 68 + b"\r\n" + b"\x80" * 30,
    b"a" * 69 + b"\x80" * 31 + b"\r\n",
    b"x" * (2**20 - 1) + b"\r\n" + b"y" * 100,
]  # fmt: skip


@pytest.mark.parametrize("data", CONTENTS, ids=lambda data: ascii(data[:20]))
def test_md5_is_the_one_of_dvc(data: bytes) -> None:
    assert md5(data) == fobj_md5(io.BytesIO(data))


@pytest.mark.parametrize("data", CONTENTS, ids=lambda data: ascii(data[:20]))
def test_md5_dos2unix_is_the_one_of_dvc_2(data: bytes) -> None:
    assert md5_dos2unix(data) == fobj_md5(io.BytesIO(data), name="md5-dos2unix")


def test_the_hash_of_a_directory_is_the_one_of_dvc() -> None:
    files = [("b.csv", md5(b"b")), ("a/z.csv", md5(b"z")), ("a.csv", md5(b"a")), ("ü", md5(b"u"))]
    tree = Tree()  # type: ignore[no-untyped-call]  # DVC's own
    for path, value in files:
        tree.add(tuple(path.split("/")), Meta(), HashInfo("md5", value))
    tree.digest()
    assert tree.hash_info is not None
    assert dvc_directory(files) == tree.hash_info.value
    assert dvc_directory(reversed(files)) == tree.hash_info.value


def test_sha256_is_the_one_of_everybody() -> None:
    # Source: FIPS 180-4 examples, "abc"
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_digest_of_a_tree_is_that_of_its_sorted_lines() -> None:
    one, two = sha256(b"1"), sha256(b"2")
    lines = f"{one}  a\n{two}  b/c\n".encode()
    expected = hashlib.sha256(lines).hexdigest()
    assert tree_digest([(b"a", one), (b"b/c", two)]) == expected
    assert tree_digest([(b"b/c", two), (b"a", one)]) == expected
    assert tree_digest([(b"a", two), (b"b/c", one)]) != expected
    assert tree_digest([]) == hashlib.sha256(b"").hexdigest()


def test_paths_that_are_no_utf8_have_a_digest_too() -> None:
    assert tree_digest([(b"\xff", sha256(b""))]) != tree_digest([(b"\xfe", sha256(b""))])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 63,
        "a" * 65,
        "A" * 64,
        "g" * 64,
        "a" * 64 + "\n",
        " " + "a" * 63,
        b"a" * 64,
        None,
        1,
    ],
)
def test_what_is_no_sha256_is_none(text: object) -> None:
    assert as_sha256(text) is None


def test_a_sha256_is_kept() -> None:
    assert as_sha256("0123456789abcdef" * 4) == Sha256("0123456789abcdef" * 4)
