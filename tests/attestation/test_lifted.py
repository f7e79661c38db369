"""What is lifted out of JSON is what the strict reader finds in it, or nothing is lifted."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.attestation.lifted import Lifted, read_lifted
from aigf_dvc.canonical import decoder_of, loads
from aigf_dvc.digests import sha256

ANY = decoder_of(object)
LONG = b64encode(b"evidence" * 99).decode()

BEFORE = tuple(
    Lifted(b64decode(text), sha256(b64decode(text)), memoryview(f'{text}"'.encode()))
    for text in (LONG, "AAAA", "AAA=")
)

texts = st.sampled_from(
    ["", "0", "1", "AAAA", "AAA=", "AAB=", "AA==", "A", LONG, 'content":"AAAA', "\\", 'x"', "ü"]
)
keys = st.sampled_from(["content", "contents", "a", 'a"content', "\\content", '"content":"'])
values = st.recursive(
    texts | st.integers(-2, 2) | st.booleans() | st.none(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(keys, below, max_size=4),
    max_leaves=9,
)
damage = st.tuples(
    st.integers(min_value=0),
    st.sampled_from(
        [b"", b'"', b"\\", b" ", b"A", b"=", b",", b'"content":"AAAA",', b'\\"content":"']
    ),
    st.integers(min_value=0, max_value=3),
)


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def put_back(value: Any, contents: tuple[bytes, ...]) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, list):
        return [put_back(item, contents) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: b64encode(contents[int(item)]).decode()
        if key == "content" and isinstance(item, str)
        else put_back(item, contents)
        for key, item in value.items()
    }


@settings(deadline=None, max_examples=300)
@given(values, st.lists(damage, max_size=2))
def test_it_reads_what_the_strict_reader_reads_or_nothing(value: object, edits: Any) -> None:  # noqa: ANN401 (tuples)
    data = compact(value)
    for at, new, length in edits:
        place = at % (len(data) + 1)
        data = data[:place] + new + data[place + length :]
    found = lifted(data)
    if found is not None:
        assert put_back(*found) == loads(data, where="test")
    assert lifted(data, BEFORE) == found


def lifted(data: bytes, before: Sequence[Lifted] = ()) -> tuple[object, tuple[bytes, ...]] | None:
    found = read_lifted(data, "content", ANY, before=before)
    return (found[0], tuple(item.content for item in found[1])) if found is not None else None


def recalled(data: bytes, before: tuple[Lifted, ...]) -> tuple[Lifted, ...]:
    found = read_lifted(data, "content", ANY, before=before)
    assert found is not None
    return found[1]


def test_what_stood_in_the_text_before_is_known_again() -> None:
    value = {"a": {"content": LONG}, "b": {"content": "AAAA"}, "c": {"content": "AAA="}}
    first = recalled(compact(value), ())
    assert [item.sha256 for item in first] == [
        sha256(b"evidence" * 99), sha256(b"\0\0\0"), sha256(b"\0\0")
    ]  # fmt: skip
    again = recalled(compact(value), first)
    assert [item is other for item, other in zip(again, first, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("value", "contents", "same"),
    [
        ({"content": LONG[:-4] + "AAAA"}, [(b"evidence" * 99)[:-3] + b"\0\0\0"], [False]),
        ({"content": f"{LONG}AAAA"}, [b"evidence" * 99 + b"\0\0\0"], [False]),  # a longer one
        ({"content": LONG[:-4]}, [(b"evidence" * 99)[:-3]], [False]),  # a shorter one
        ({"a": {"content": "AAAA"}, "content": LONG}, [b"\0\0\0", b"evidence" * 99], [False] * 2),
        ({"content": LONG, "d": {"content": "AAAA"}}, [b"evidence" * 99, b"\0\0\0"], [True, False]),
    ],
)  # fmt: skip
def test_only_the_very_same_digits_are_known_again(
    value: object, contents: list[bytes], same: list[bool]
) -> None:
    before = recalled(compact({"content": LONG}), ())
    found = recalled(compact(value), before)
    assert [item.content for item in found] == contents
    assert [item.sha256 for item in found] == [sha256(content) for content in contents]
    assert [item is before[0] for item in found] == same


def test_every_base64_under_the_key_is_lifted() -> None:
    value = {"content": LONG, "a": [{"content": "AAA="}, {"content": ""}], "b": "content"}
    read, contents = lifted(compact(value)) or (None, ())
    assert contents == (b"evidence" * 99, b"\0\0", b"")
    assert read == {"content": "0", "a": [{"content": "1"}, {"content": "2"}], "b": "content"}


@pytest.mark.parametrize(
    "data",
    [
        b'{"content": "AAAA"}',  # not compact
        b'{"content":"AAAA","content":"AAAA"}',
        b'{"content":"AAAA","c\\u006fntent":"AAAA"}',
        b'{"content":"AAB="}',  # bits that no byte uses
        b'{"content":"AA\\nA"}',
        b'{"content":"AAA"}',
        b'{"content":"\xc3\xbc="}',
        b'{"content":"AAAA',
        b'{"a\\"content":"AAAA"}',  # another key
        b'{"a":"content":"AAAA"}',
        b'{"a":""content":"AAAA"}',
    ],
)
def test_what_is_not_in_the_one_form_is_left_alone(data: bytes) -> None:
    assert lifted(data) is None


def test_a_text_that_looks_like_the_key_stays_a_text() -> None:
    value = {"a": '"content":"AAAA"', "content": "AAAA"}
    assert lifted(compact(value)) == (
        {**value, "content": "0"},
        (b"\0\0\0",),
    )
