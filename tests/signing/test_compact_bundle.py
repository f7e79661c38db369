"""The bundle of a key is read quickly and the same, or left to the reader of every form."""

import json
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import read_bundle, write_certificate_bundle, write_key_bundle
from aigf_dvc.signing.compact_bundle import KeyBundle, read_key_bundle

PAYLOAD = b"statement" * 300
GOOD = write_key_bundle(PAYLOAD, b"signature", hint="ab")
PARTS = [
    b"", b'"', b"\\", b" ", b"=", b"AAAA", b"\xff", b"\n", b",", b'"payload":"AAAA",',
    b'"keyid":"",', b'"hint":"x",', b'\\"payload\\":\\"', b'"payload":"', b"}", b"{}",
]  # fmt: skip


def strictly(data: bytes) -> KeyBundle | None:
    """Read it by the other way, which a space leads to."""
    try:
        found = read_bundle(data[:1] + b" " + data[1:])
    except RefusedError:
        return None
    return KeyBundle(payload=found.payload, signature=found.signature, hint=found.key_hint or "")


def test_the_bundle_of_a_key_is_read() -> None:
    expected = KeyBundle(payload=PAYLOAD, signature=b"signature", hint="ab")
    assert read_key_bundle(GOOD) == read_key_bundle(memoryview(GOOD)) == strictly(GOOD) == expected


@settings(deadline=None, max_examples=1500)
@given(
    st.integers(0, 700) | st.integers(len(GOOD) - 1200, len(GOOD)),
    st.sampled_from(PARTS),
    st.integers(0, 12),
)
def test_a_damaged_one_is_read_the_same_or_left(at: int, new: bytes, length: int) -> None:
    data = GOOD[:at] + new + GOOD[at + length :]
    found = read_key_bundle(data)
    assert found is None or found == strictly(data)


@pytest.mark.parametrize(
    "data",
    [
        write_key_bundle(b"small", b"signature", hint="ab"),
        write_key_bundle(PAYLOAD, b"signature" * 100, hint="ab"),  # no payload in the last bytes
        write_key_bundle(PAYLOAD, b"signature", hint="a" * 600),  # nor in the first
        write_key_bundle(PAYLOAD, b"signature", hint="ab", stamp=b"stamp"),
        write_certificate_bundle(PAYLOAD, b"signature", certificate=b"der", stamp=b"stamp"),
        json.dumps(json.loads(GOOD)).encode(),
    ],
)
def test_any_other_form_is_left_and_read_all_the_same(data: bytes) -> None:
    assert read_key_bundle(data) is None
    payload = json.loads(data)["dsseEnvelope"]["payload"]
    assert b64encode(read_bundle(data).payload).decode() == payload


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"hint":"ab"', b'"hint":""'),
        (b'"tlogEntries":[]', b'"tlogEntries":["AAAA"]'),
        (b'"keyid":""', b'"keyid":"1"'),
        (b"in-toto+json", b"json"),
        (b"v0.3+json", b"v0.2+json"),
        (b'{"mediaType"', b'{"extra":1,"mediaType"'),
        (b'"sig":"', b'"sig":"=", "sig":"'),
        (b'"payload":"', b'"payload":"-'),
    ],
)
def test_what_the_types_do_not_allow_is_left(old: bytes, new: bytes) -> None:
    assert GOOD.count(old) == 1
    assert read_key_bundle(GOOD.replace(old, new)) is None
