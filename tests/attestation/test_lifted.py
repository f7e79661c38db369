"""What is lifted out of JSON is what the strict reader finds in it, or nothing is lifted."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.attestation.lifted import read_lifted
from aigf_dvc.canonical import decoder_of, loads

ANY = decoder_of(object)
LONG = b64encode(b"evidence" * 99).decode()

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
    found = read_lifted(data, "content", ANY)
    if found is not None:
        assert put_back(*found) == loads(data, where="test")


def test_every_base64_under_the_key_is_lifted() -> None:
    value = {"content": LONG, "a": [{"content": "AAA="}, {"content": ""}], "b": "content"}
    read, contents = read_lifted(compact(value), "content", ANY) or (None, ())
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
    assert read_lifted(data, "content", ANY) is None


def test_a_text_that_looks_like_the_key_stays_a_text() -> None:
    value = {"a": '"content":"AAAA"', "content": "AAAA"}
    assert read_lifted(compact(value), "content", ANY) == ({**value, "content": "0"}, (b"\0\0\0",))
