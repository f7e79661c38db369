"""The typed readers of foreign JSON: one form for each value."""

import string
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.attestation.fields import from_base64

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
