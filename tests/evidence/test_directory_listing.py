"""The listing of a directory is read by the one form that DVC writes."""

import json

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.directory_listing import read_listing

A, B = "a" * 32, "b" * 32


def listing(*names: str) -> bytes:
    return json.dumps([{"md5": A, "relpath": n} for n in names], sort_keys=True).encode()


def test_every_name_that_dvc_can_write_is_read() -> None:
    names = ("a", "b/c d", "ü/é", 'quo"te', "back\\slash", "tab\t", "😀", "{}, {", "..x", "a..b")
    assert tuple(f.name for f in read_listing(listing(*names), where="w")) == names
    assert {f.md5 for f in read_listing(listing(*names), where="w")} == {A}
    assert read_listing(b"[]", where="w") == ()


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/passwd", "", ".", "a//b", "a/", "a\nb", "\0", "\ud800"]
)
def test_a_name_that_leads_out_or_is_none_is_refused(name: str) -> None:
    with pytest.raises(UndecidedError, match="the name"):
        read_listing(listing("fine", name), where="w")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[",
        b"[]]",
        b"{}",
        b"[[]]",
        b"[" * 100_000 + b"]" * 100_000,
        b'[{"md5": "' + b"a" * 31 + b'", "relpath": "x"}]',
        b'[{"md5": "' + b"A" * 32 + b'", "relpath": "x"}]',
        b'[{"md5": "' + b"a" * 32 + b'", "relpath": 1}]',
        b'[{"md5": "' + b"a" * 32 + b'", "relpath": "x", "relpath": "y"}]',
        b'[{"relpath": "x", "md5": "' + b"a" * 32 + b'"}]',
        listing("x")[:-1] + b", ]",
        listing("x")[:-1] + b",]",
        listing("x")[:-1] + listing("y")[1:],
        listing("x") + listing("y"),
        listing("x").replace(b'"x"', b'"\xc3\xbc"'),
        b"[" + b"{}," * 1000 + b"{}]",
    ],
)
def test_any_other_form_is_refused(data: bytes) -> None:
    with pytest.raises(UndecidedError):
        read_listing(data, where="w")


def test_a_name_that_stands_twice_is_refused() -> None:
    twice = f'[{{"md5": "{A}", "relpath": "x"}}, {{"md5": "{B}", "relpath": "\\u0078"}}]'
    with pytest.raises(UndecidedError, match="'x' stands twice"):
        read_listing(twice.encode(), where="w")


def test_more_files_than_a_project_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aigf_dvc.evidence.directory_listing.MAX_FILES", 2)
    assert len(read_listing(listing("1", "2"), where="w")) == 2
    with pytest.raises(UndecidedError):
        read_listing(listing("1", "2", "3"), where="w")
