"""Parameters are read and looked up as DVC does."""

import pytest

from aigf_dvc.capture.parameters import ABSENT, look_up, read_parameters
from aigf_dvc.errors import UndecidedError


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("p.yaml", "a: {b: 1e-3, c: yes}\n"),
        ("p.yml", '{"a": {"b": 0.001, "c": "yes"}}'),
        ("p.json", '\ufeff{"a": {"b": 1e-3, "c": "yes"}}'),
        ("p.toml", '[a]\nb = 1e-3\nc = "yes"\n'),
        ("p.py", "a = {'b': 1e-3, 'c': 'yes'}\n"),
        ("p", "a: {b: 1e-3, c: yes}\n"),
        ("p.cfg", "a: {b: 1e-3, c: yes}\n"),
    ],
)
def test_every_form_gives_the_same_values(path: str, text: str) -> None:
    assert read_parameters(text.encode(), path=path) == {"a": {"b": 0.001, "c": "yes"}}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("p.json", b'{"a": 1, "a": 2}'),
        ("p.json", b"{"),
        ("p.json", b"[" * 100_000),
        ("p.json", b'{"a": ' + b"9" * 5000 + b"}"),
        ("p.json", b"[1]"),
        ("p.json", b"\xff"),
        ("p.toml", b"a = 1\na = 2\n"),
        ("p.toml", b"a = " + b"[" * 5000),
        ("p.yaml", b"a: 1\na: 2\n"),
        ("p.yaml", b"- 1\n"),
        ("p.py", b"a = (\n"),
        ("p.cfg", b"[a]\nb = 1\n"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(path: str, data: bytes) -> None:
    with pytest.raises(UndecidedError) as error:
        read_parameters(data, path=path)
    assert error.value.where.startswith(path)


@pytest.mark.parametrize(
    ("path", "data"), [("p.yaml", b""), ("p.yaml", b"[]"), ("p.json", b"0"), ("p.py", b"")]
)
def test_an_empty_file_has_no_parameters(path: str, data: bytes) -> None:
    assert read_parameters(data, path=path) == {}


def test_dots_go_down_and_a_literal_key_wins() -> None:
    values = {"a": {"b": [{"c": 1}, 2]}, "a.b": 3, "n": None, "t": (4, 5)}
    assert look_up(values, "a.b") == 3
    assert look_up(values, "a.b.1") == 2
    assert look_up(values, "a.b.0.c") == 1
    assert look_up(values, "n") is None
    assert look_up(values, "t.1") == 5
    for key in ("x", "a.x", "a.b.2", "a.b.-1", "a.b.\u00b2", "a.b." + "9" * 5000, "n.x", ""):
        assert look_up(values, key) is ABSENT
