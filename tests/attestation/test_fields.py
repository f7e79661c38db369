"""The typed readers of foreign JSON: one form for each value, and the place in every refusal."""

import string
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.attestation.fields import Fields, from_base64
from aigf_dvc.canonical import Json
from aigf_dvc.errors import RefusedError

DIGITS = f"{string.ascii_letters}{string.digits}+/="
OTHERS = '-_ \n\r\t.,:"\\\0\x7fé\u2028\U0001d7d8'


@given(st.binary(max_size=300))
def test_base64_as_it_is_written_is_read(content: bytes) -> None:
    text = b64encode(content)
    assert from_base64(text.decode()) == content
    assert from_base64(memoryview(text)) == content


@settings(max_examples=1000)
@given(st.text(alphabet=DIGITS, max_size=9) | st.text(alphabet=DIGITS + OTHERS, max_size=9))
def test_any_other_text_stands_for_no_bytes(text: str) -> None:
    content = from_base64(text)
    assert content is None or b64encode(content).decode() == text


@pytest.mark.parametrize(("before", "pad", "count"), [("A", "==", 4), ("AA", "=", 16)])
def test_bits_that_no_byte_uses_are_zero(before: str, pad: str, count: int) -> None:
    texts = [f"{before}{digit}{pad}" for digit in DIGITS[:-1]]
    assert sum(from_base64(text) is not None for text in texts) == count


def test_pairs_are_the_texts_of_each_object() -> None:
    fields = Fields.of({"a": [{"x": "1", "y": "2", "z": 3}, {"y": "4", "x": "5"}]}, "here")
    assert fields.pairs("a", "x", "y") == [("1", "2"), ("5", "4")]
    assert Fields.of({"a": []}, "here").pairs("a", "x", "y") == []


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ({"x": "1"}, r"here\.a\[1\]\.y"),
        ({"y": "1"}, r"here\.a\[1\]\.x"),
        ({"x": "", "y": "1"}, r"here\.a\[1\]\.x"),
        ({"x": "1", "y": 1}, r"here\.a\[1\]\.y"),
        ({"x": ["1"], "y": "1"}, r"here\.a\[1\]\.x"),
        ("x", r"here\.a\[1\]"),
        (None, r"here\.a\[1\]"),
    ],
)
def test_a_pair_that_is_not_two_texts_is_refused(item: Json, where: str) -> None:
    fields = Fields({"a": [{"x": "1", "y": "2"}, item]}, "here")
    with pytest.raises(RefusedError, match=f"^{where}:"):
        fields.pairs("a", "x", "y")
