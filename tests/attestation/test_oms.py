"""What is written for OpenSSF Model Signing lists every file once, in order, under one digest."""

import hashlib
from typing import Any

import pytest

from aigf_dvc.attestation.oms import SINGLE, OmsStatement, build_oms_statement, root_digest
from aigf_dvc.attestation.oms_reading import read_oms_statement
from aigf_dvc.canonical import loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile

FILES = (
    ModelFile(name="sub/weights", sha256=sha256(b"w")),
    ModelFile(name="a.txt", sha256=sha256(b"a")),
    ModelFile(name="a/b", sha256=sha256(b"")),
)


def read(files: tuple[ModelFile, ...] = FILES) -> OmsStatement:
    return read_oms_statement(build_oms_statement("net", files))


def test_what_is_written_is_what_is_read() -> None:
    found = read()
    assert {item.path: item.digest for item in found.resources} == {
        file.name: file.sha256 for file in FILES
    }
    assert (found.name, found.allow_symlinks, found.ignore_paths) == ("net", False, ())
    assert read((ModelFile(name=SINGLE, sha256=sha256(b"w")),)).paths == {SINGLE}


def test_the_names_stand_in_the_order_of_their_characters() -> None:
    document: Any = loads(build_oms_statement("net", FILES), where="test")
    names = [item["name"] for item in document["predicate"]["resources"]]
    assert names == ["a.txt", "a/b", "sub/weights"]  # `.` comes before `/`


def test_the_root_is_the_digest_of_the_raw_digests() -> None:
    raw = b"".join(hashlib.sha256(data).digest() for data in (b"a", b"", b"w"))
    assert read().root == hashlib.sha256(raw).hexdigest()
    assert root_digest([]) == hashlib.sha256().hexdigest()


@pytest.mark.parametrize("files", [(), (FILES[0], FILES[0])], ids=["none", "one twice"])
def test_nobody_signs_nothing_or_a_name_twice(files: tuple[ModelFile, ...]) -> None:
    with pytest.raises(RefusedError):
        build_oms_statement("net", files)


def test_what_git_keeps_at_the_top_is_unsigned_unless_it_was_signed() -> None:
    assert ".gitattributes" in read().unsigned
    signed = read((*FILES, ModelFile(name=".gitattributes", sha256=sha256(b"x"))))
    assert ".gitattributes" not in signed.unsigned
    assert ".git" in signed.unsigned
