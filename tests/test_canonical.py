import json
import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from aigf_dvc import canonical
from aigf_dvc.canonical import (
    MAX_DEPTH,
    Json,
    as_json,
    demand_bounded,
    dumps,
    loads,
    pretty,
    user_data,
    user_data_as_json,
)
from aigf_dvc.errors import UndecidedError

VALUES = [
    None, True, False, 0, -1, 2**53 - 1, -(2**53) + 1, 0.5, -0.0, 1e-7, 1e21, 333333333.3333333,
    "", "text", "é\u20ac\U0001f600\n\x0f", [], {}, [1, [2, {"a": None}]],
    {"b": 1, "a": 2, "": 3}, {"\u20ac": 1, "\r": 2, "\U0001f600": 3, "\ufb33": 4},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_plain_json_has_the_form_of_rfc_8785(value: object) -> None:
    assert dumps(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # its own recursive type


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.text(),
    st.floats(allow_nan=False, allow_infinity=False, width=64).filter(
        lambda number: not (number.is_integer() and abs(number) > 2**53 - 1)
    ),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(TREES)
def test_any_plain_json_has_the_form_of_rfc_8785(value: object) -> None:
    assert dumps(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # its own recursive type


@pytest.mark.parametrize(
    "value",
    [*VALUES, 2**53, 1e16, -(2.0**60), 999999999999999868928.0, 1e21, 1e300, Decimal("1E+20")],
)
def test_what_was_written_reads_back_and_is_written_the_same(value: object) -> None:
    assert dumps(loads(dumps(value), where="f")) == dumps(value)


def test_equal_numbers_are_written_the_same_whatever_their_type() -> None:
    for values in (
        (10**16, 1e16, Decimal("1E+16")),
        (1, 1.0, Decimal("1.00")),
        (0.5, Decimal("0.50")),
    ):
        assert len({dumps(value) for value in values}) == 1


def test_the_example_of_the_specification_has_its_bytes() -> None:
    # Source: RFC 8785, section 3.2.2 and 3.2.3
    text = rb"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    assert dumps(json.loads(text)) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize(
    ("value", "json_form"),
    [
        (2**53, {"$number": "9007199254740992"}),
        (-(2**60), {"$number": "-1152921504606846976"}),
        (math.nan, {"$number": "nan"}),
        (math.inf, {"$number": "inf"}),
        (-math.inf, {"$number": "-inf"}),
        (Decimal("0.1234567890123456789"), {"$number": "0.1234567890123456789"}),
        (Decimal("1e400"), {"$number": "1E+400"}),
        (Decimal("NaN"), {"$number": "NaN"}),
        (date(2026, 11, 23), {"$date": "2026-11-23"}),
        (Decimal("0.85"), 0.85),
        (Decimal(500), 500),
        (Decimal("5E+2"), 500),
        (Decimal("1.0"), 1),
        ((1, 2), [1, 2]),
    ],
)
def test_what_json_cannot_carry_is_marked_and_the_rest_is_plain(
    value: object, json_form: object
) -> None:
    assert as_json(value) == json_form
    assert type(as_json(value)) is type(json_form)


def test_a_users_keys_cannot_be_mistaken_for_our_marks() -> None:
    forged = {"a": {"$number": "nan"}, "$$x": [{"$date": "2026-11-23"}]}
    assert user_data_as_json(forged) == {
        "a": {"$$number": "nan"},
        "$$$x": [{"$$date": "2026-11-23"}],
    }
    assert user_data_as_json({"a": math.nan}) == {"a": {"$number": "nan"}}
    assert as_json({"$number": "1"}) == {"$number": "1"}


def test_keys_of_other_types_become_their_json_text() -> None:
    assert as_json({1: "a", 1.5: "b", "c": "d"}) == {"1": "a", "1.5": "b", "c": "d"}


@pytest.mark.parametrize("write", [as_json, user_data_as_json, dumps, pretty])
@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, 1j, [{"a": object()}]])
def test_what_has_no_json_form_is_refused(value: object, write: Callable[[object], object]) -> None:
    with pytest.raises(UndecidedError, match="has no JSON form"):
        write(value)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UndecidedError, match="no canonical JSON form"):
        dumps({"a": "\ud800"})
    for text in (r'{"a": ["\ud800"]}', r'{"\uDFFF": 1}', r'"a\ud83d"', r'"\udc00\ud800"'):
        with pytest.raises(UndecidedError, match="half of a surrogate pair"):
            loads(text.encode(), where="test")
    assert loads(rb'["\ud83d\ude00", "\\ud800"]', where="test") == ["\U0001f600", r"\ud800"]


@pytest.mark.parametrize("around", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_what_is_read_is_bounded_where_what_is_written_is(around: Callable[[Json], Json]) -> None:
    deep: Json = 1
    for _ in range(MAX_DEPTH):
        deep = around(deep)
    as_json(deep)
    demand_bounded(deep)
    for bounded in (as_json, demand_bounded):
        with pytest.raises(UndecidedError, match="too deep"):
            bounded(around(deep))
    with pytest.raises(UndecidedError, match="too large"):
        demand_bounded([[0] * 1000] * 5001)


def test_depth_is_bounded_and_so_are_values_that_hold_themselves() -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert as_json(deep) == deep
    endless: list[object] = []
    endless.append(endless)
    for value in ([deep], endless):
        with pytest.raises(UndecidedError, match="too deep"):
            as_json(value)


@pytest.mark.slow
def test_shared_values_cannot_make_a_small_file_huge() -> None:
    value: list[object] = [1]
    for _ in range(30):
        value = [value] * 10
    with pytest.raises(UndecidedError, match="too large"):
        as_json(value)


def test_pretty_json_keeps_the_order_and_the_letters() -> None:
    assert pretty({"b": "ü", "a": [1]}) == '{\n  "b": "ü",\n  "a": [\n    1\n  ]\n}'


def test_numbers_are_read_exactly() -> None:
    assert loads(b'{"a": 0.85, "b": 1E-5, "c": 12}', where="f") == {
        "a": Decimal("0.85"),
        "b": Decimal("0.00001"),
        "c": 12,
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "f:1:1: not JSON"),
        (b'{"a": 1,\n', "f:2:1: not JSON"),
        (b"{'a': 1}", "f:1:2: not JSON"),
        (b'{"a": 1} x', "f:1:10: not JSON"),
        (b'{"a": 1, "a": 1}', "f: the key 'a' stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', "f: the key 'b' stands twice"),
        (b"[NaN]", "f: NaN is not a JSON number"),
        (b"[Infinity]", "f: Infinity is not"),
        (b"[-Infinity]", "f: -Infinity is not"),
        (b"[1e999]", "f: the number 1e999 is out of range"),
        (b"[1e-99999999999999999999]", "f: the number 1e-99999999999999999999 is out of range"),
        (b"[" + b"9" * 5000 + b"]", "f: "),
        (b"[" * 200_000, "f: "),
        (b'["\xff"]', "f: byte 2 is not UTF-8"),
        (b"[1]" + b" " * 100, "f: 103 bytes"),
    ],
    ids=ascii,
)
def test_json_that_is_not_strict_is_refused_with_its_place(data: bytes, said: str) -> None:
    bound = 50 if data.startswith(b"[1]") else 2**20
    with pytest.raises(UndecidedError) as caught:
        loads(data, where="f", max_bytes=bound)
    assert str(caught.value).startswith(said)


def test_a_byte_order_mark_is_allowed() -> None:
    assert loads(b"\xef\xbb\xbf[1]", where="f") == [1]


@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.1000000000000000000000001"),
        2**60,
        Decimal("1E+400"),
        {"a": [1, {"$b": None, "$$c": True}], "$number": "1"},
        {"white": {"positives": 500, "samples": 571}},
        [],
    ],
    ids=str,
)
def test_a_users_value_is_read_again_as_it_was(value: object) -> None:
    assert user_data(user_data_as_json(value)) == value
    assert user_data(loads(dumps({"v": user_data_as_json(value)}), where="f")) == {"v": value}


def test_what_is_not_finite_is_read_again_as_no_number() -> None:
    for value in (float("nan"), Decimal("sNaN")):
        again = user_data(user_data_as_json(value))
        assert isinstance(again, Decimal)
        assert again.is_nan()
    assert user_data(user_data_as_json(float("-inf"))) == Decimal("-Infinity")


@pytest.mark.parametrize(
    "mark",
    [
        {"$number": "1e99999"},
        {"$number": "1.2.3"},
        {"$number": "9" * 1001},
        {"$number": 1},
        {"$number": "1", "x": 1},
        {"$redacted": "token"},
        {"$date": "2026-01-01"},
    ],
    ids=ascii,
)
def test_a_mark_that_is_no_number_of_ours_stays_a_mark(mark: Json) -> None:
    assert user_data(mark) == mark


# --- compact text is read by a faster reader; it must say the same, or nothing


_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=12,
)


def _written(value: object) -> str:
    if isinstance(value, dict):
        inner = (f"{json.dumps(k, ensure_ascii=False)}:{_written(v)}" for k, v in value.items())
        return f"{{{','.join(inner)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


@given(_DOCUMENTS, st.data())
def test_both_readers_of_json_agree_on_compact_text(value: object, data: st.DataObject) -> None:
    text = _written(value)
    if data.draw(st.booleans()):  # break it somewhere
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        piece = data.draw(st.sampled_from(["", '"', "\\ud800", "1", "{}", ",", "e9"]))
        text = f"{text[:at]}{piece}{text[at:]}"
    raw = text.encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical, "_read_compact", lambda _: None)
        slow = _read(raw)
    assert _read(raw) == slow


def _read(raw: bytes) -> object:
    try:
        return repr(canonical.loads(raw, where="x"))
    except UndecidedError as error:
        return str(error)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', "1E+999", "-0", '"\\u0000"', "NaN", "[1, 2]",
        "[" * 100_000, '"\\ud800"', "123456789012345678901234567890", "1e5", "1.0", "\ufeff1",
    ],
)  # fmt: skip
def test_both_readers_of_json_agree_on_what_has_no_meaning_or_two(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = _read(text.encode())
    monkeypatch.setattr(canonical, "_read_compact", lambda _: None)
    assert fast == _read(text.encode())


def test_compact_text_is_read_by_the_faster_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", None)
    assert canonical.loads(b'{"b":[1,0.85,"\xc3\xa9"],"a":null}', where="x") == {
        "b": [1, Decimal("0.85"), "\u00e9"], "a": None,
    }  # fmt: skip
