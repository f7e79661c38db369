import io
import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.strict_reader import MAX_DEPTH, MAX_NODES
from aigf_dvc.strict_yaml import MAX_BYTES, key_lines, read_dvc, read_strict

SCALARS = [
    "1e-05", "1e5", "1.5e3", "1E3", ".5", "-.5", "5.", "+5", "-5", "007", "010", "0o17", "0x1F",
    "0b11", "1_000", "1_0.5", ".inf", "-.inf", ".NaN", ".Inf", "+.INF", "nan", "NaN", "yes", "no",
    "on", "off", "Yes", "true", "True", "TRUE", "tRue", "false", "null", "Null", "NULL", "~", "y",
    "n", "1:30", "12:30:45", "190:20:30", "2024-01-02", "2024-1-2", "2024-13-45", "<<x", "-",
    "--", "0", "-0", "+0", "00", "0o", "0o8", "08", "09", "0x", "1__0", "1e", "1e+", "e5",
    "1.2.3", "v1.0", "0.1", "1.10", "6e-3", ".1e5", ".1e+5", "1.e5", "12e03", "-1e-3", "0.0",
    "-0.0", "123456789012345678901234567890", "1_", "_1", "text", '"1"', "'1'", '""',
    "plain#hash", "http://a/b", "a:b",
]  # fmt: skip
DOCUMENTS = {
    "merge": "a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n",
    "merge overridden": "a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n",
    "merge overridden before": "a: &a {x: 1}\nb:\n  x: 2\n  <<: *a\n",
    "merge of several": "a: &a {x: 1}\nc: &c {x: 3, z: 1}\nb:\n  <<: [*a, *c]\n",
    "merge of a merge": "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, x: 3}\n",
    "merge named inside a merge": "b: {<<: &a {x: 1, <<: {x: 2, z: 3}}}\nc: *a\n",
    "alias": "a: &x [1]\nb: *x",
    "keys of other types": "2: a\ntrue: b\n1.5: c\nnull: d\n2024-01-02: e\n",
    "block scalars": "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
    "empty": "",
    "comment": "# nothing\n",
    "list": "- a\n- 1\n- - b\n",
    "byte order mark": "\ufeffa: 1",
    "CRLF": "a: 1\r\nb:\r\n- x\r\n",
    "escapes": 'a: "\\x41\\u00e9\\t"\n',
    "not ASCII": "é: ü\n日本: 語\n",
    "binary": "a: !!binary aGk=",
    "flow": "{a: [1, {b: c}], 'd': \"e\"}",
    "lock": "schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    deps:\n    - path: a\n"
    "      md5: d41d8cd98f00b204e9800998ecf8427e\n      size: 0\n    params:\n"
    "      params.yaml:\n        lr: 1e-05\n        on: yes\n",
}


def ruamel(text: str) -> object:
    return YAML(typ="safe", pure=True).load(io.StringIO(text))


def typed(value: object) -> object:
    """Return a value with the type of each part, so that 1, 1.0 and true differ."""
    if isinstance(value, Mapping):
        return [(typed(key), typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, datetime):
        return "datetime", value.isoformat()
    return type(value).__name__, repr(value)


@pytest.mark.parametrize("text", SCALARS)
def test_a_scalar_is_read_as_dvc_reads_it(text: str) -> None:
    document = f"a: {text}\n"
    try:
        expected = ruamel(document)
    except (YAMLError, ValueError):
        with pytest.raises(UndecidedError):
            read_dvc(document.encode(), where="f")
    else:
        assert typed(read_dvc(document.encode(), where="f")) == typed(expected)


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_read_as_dvc_reads_it(text: str) -> None:
    assert typed(read_dvc(text.encode(), where="f")) == typed(ruamel(text))


def test_the_fast_reader_keeps_dates_and_times() -> None:
    assert read_dvc(b"a: 2024-01-02\n", where="f") == {"a": date(2024, 1, 2)}
    assert math.isnan(read_dvc(b"a: .nan\n", where="f")["a"])


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a: 1\nb: 2\na: 3\n", "dvc.lock:3: "),
        (b"a: {b: 1, b: 2}\n", "dvc.lock:1: "),
        (b"a: [1\n", "dvc.lock:2: "),
        (b"a: \xff\n", "dvc.lock: byte 3 is not UTF-8"),
        (b"a: !!python/object/apply:os.system [ls]\n", "dvc.lock:1: "),
        (b"a: 1\n---\nb: 2\n", "dvc.lock:2: "),
        (b"? [a, b]\n: c\n", "dvc.lock: "),
        (b"a: &x [*x]\n", "dvc.lock:1: "),
        (b"a: " + b"[" * 100_000, "dvc.lock:1: nested too deep"),
        (b"a: " + b"{a: " * 100_000, "dvc.lock:1: nested too deep"),
        (b"- " * 100_000 + b"a\n", "dvc.lock:1: nested too deep"),
        (b"a: " + b"9" * 5000, "dvc.lock: not readable YAML"),
        (b"a: \x00\n", "dvc.lock: "),
    ],
)
def test_what_the_fast_reader_cannot_read_is_undecided(data: bytes, place: str) -> None:
    with pytest.raises(UndecidedError) as caught:
        read_dvc(data, where="dvc.lock")
    assert str(caught.value).startswith(place)


def test_merged_keys_cannot_make_a_small_file_huge() -> None:
    levels = [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 20)}]}}\n" for n in range(1, 30)]
    data = "".join(["a0: &a0 {k: 1}\n", *levels]).encode()
    assert read_dvc(data, where="f")["a29"] == {"k": 1}


def test_brackets_in_text_do_not_count_as_depth() -> None:
    text = "a: '" + "[" * 500 + "'\n"
    assert read_dvc(text.encode(), where="f") == {"a": "[" * 500}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("a: 1.10", {"a": Decimal("1.10")}),
        ("a: 0.8", {"a": Decimal("0.8")}),
        ("a: 1e-05", {"a": Decimal("0.00001")}),
        ("a: -7", {"a": -7}),
        ("a: true\nb: false", {"a": True, "b": False}),
        ("a: null\nb: ~\nc:", {"a": None, "b": None, "c": None}),
        ("a: 'no'\nb: \"1\"", {"a": "no", "b": "1"}),
        ("a: 12:30\nb: 2024-01-02\nc: 1.2.3", {"a": "12:30", "b": "2024-01-02", "c": "1.2.3"}),
        ("- a\n- {b: [c]}", ["a", {"b": ["c"]}]),
        ('{"a": [1, "x\\n", null], "b": {}}', {"a": [1, "x\n", None], "b": {}}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("\ufeffa: ü", {"a": "ü"}),
    ],
)  # fmt: skip
def test_the_strict_reader_reads_plain_values(text: str, value: object) -> None:
    assert typed(read_strict(text.encode(), where="f").value) == typed(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: &x 2\n", "f:2: a YAML anchor or alias"),
        ("a: *x\n", "f:1: a YAML anchor or alias"),
        ("a: {<<: {b: 1}}\n", "f:1: a YAML merge key"),
        ("a: !!str 5\n", "f:1: the YAML tag "),
        ("a: ! 5\n", "f:1: the YAML tag "),
        ("a: !x {}\n", "f:1: the YAML tag "),
        ("a: 1\na: 2\n", "f:2: the key 'a' for the second time"),
        ("a: no\n", "f:1: the ambiguous word no"),
        ("a: Yes\n", "f:1: the ambiguous word Yes"),
        ("a: TRUE\n", "f:1: the ambiguous word TRUE"),
        ("a: Null\n", "f:1: the ambiguous word Null"),
        ("a: 007\n", "f:1: the number form 007"),
        ("a: 0x1F\n", "f:1: the number form 0x1F"),
        ("a: .nan\n", "f:1: the number form .nan"),
        ("a: -.inf\n", "f:1: the number form -.inf"),
        ("a: .5\n", "f:1: the number form .5"),
        ("a: 5.\n", "f:1: the number form 5."),
        ("1: a\n", "f:1: the key 1"),
        ("true: a\n", "f:1: the key True"),
        ("? [a]\n: b\n", "f:1: a mapping or list as a key"),
        ("a: 1\n---\nb: 2\n", "f:2: a second document"),
        ("a: [1\n", "f:2: not YAML"),
        ("a:\n\t- b\n", "f:2: not YAML"),
        ("a: b: c\n", "f:1: not YAML"),
        ("a: \x1b[31m\n", "f: not YAML"),
        ("[" * 100_000, "f:1: nested too deep"),
        ("a: b\n" * 2 + "\n", "f:2: the key 'a' for the second time"),
    ],
)
def test_what_could_mean_two_things_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_strict(text.encode(), where="f")
    assert str(caught.value).startswith(said)


def test_the_strict_reader_is_bounded() -> None:
    read_strict(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, where="f")
    for data in (
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" + b"1," * MAX_NODES + b"]",
        b"a" * (MAX_BYTES + 1),
    ):
        with pytest.raises(InputError, match="at most"):
            read_strict(data, where="f")


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(InputError, match="byte 3 is not UTF-8"):
        read_strict(b"a: \xff", where="f")


def test_every_value_keeps_its_line() -> None:
    document = read_strict(b"a: 1\nb:\n  c: x\n  d:\n    - e\n    - f: 2\n", where="f")
    assert document.place("a") == "f:1"
    assert document.place("b", "c") == "f:3"
    assert document.place("b", "d", 1) == "f:6"
    assert document.place("b", "d", 1, "f") == "f:6"


def test_what_is_absent_has_the_place_of_its_nearest_parent() -> None:
    document = read_strict(b"a: 1\nb:\n  c: x\n", where="f")
    assert document.place("b", "absent", "deeper") == "f:2"
    assert document.place("absent") == "f"


def test_lines_count_from_where_the_text_starts() -> None:
    assert read_strict(b"a: 1\nb: 2\n", where="f", first_line=5).place("b") == "f:6"
    for text in (b"a: 1\na: 2\n", b"a: 1\nb: [\n\n"):
        with pytest.raises(InputError, match=r"^f:[68]: "):
            read_strict(text, where="f", first_line=5)


def test_the_column_of_every_part_is_kept_and_named_on_request() -> None:
    document = read_strict(b"a: 1\nb:\n  c: {dd: 2, e: 3}\n", where="f")
    assert document.place("b", "c", column=True) == "f:3:3"
    assert document.place("b", "c", "e", column=True) == "f:3:14"
    assert document.place("b", "absent", column=True) == "f:2:1"
    assert document.place("absent", column=True) == "f"
    items = read_strict(b"l:\n  - x\n  - y: 1\n    z: 2\n", where="f", first_line=4)
    assert items.place("l", 0, column=True) == "f:5:5"
    assert items.place("l", 1, column=True) == "f:6:5"
    assert items.place("l", 1, "z", column=True) == "f:7:5"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\n  b: &x 2\n", "f:2:4"),
        ("a: 1\nb: {c: No}\n", "f:2:8"),
        ("a: [1\n", "f:2:1"),
        ("a: {b: 1, b: 2}\n", "f:1:11"),
    ],
)
def test_a_refusal_names_the_column_on_request(text: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read_strict(text.encode(), where="f", columns=True)
    assert caught.value.where == place


def test_the_line_of_every_key_is_told() -> None:
    text = (
        "# words\na: 1\nb:\n  c: {d: 2,\n    e: 3}\n  list:\n  - x: 1\n  - y\n"
        "'f.g': &n {h: 1}\ni: *n\n"
    )
    lines = key_lines(text.encode(), where="x")
    assert lines[("a",)] == 2
    assert lines["b", "c", "d"] == 4
    assert lines["b", "c", "e"] == 5
    assert lines["b", "list", "0", "x"] == 7
    assert lines[("f.g",)] == 9
    assert lines["f.g", "h"] == 9
    assert ("i", "h") not in lines  # written out at the anchor alone
    assert key_lines(b'{"a":\n {"b": 1}}', where="x")["a", "b"] == 2
    assert key_lines(b"", where="x") == {}


@pytest.mark.parametrize("data", [b"a: [", b"\xff", b"a: 1\na: 2\n", b"[" * 200])
def test_the_lines_of_a_damaged_file_are_undecided(data: bytes) -> None:
    with pytest.raises(UndecidedError):
        key_lines(data, where="x")
