import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import (
    MAX_BYTES,
    PAYLOAD_TYPE,
    Bundle,
    join_bundles,
    pae,
    parse_bundle,
    read_bundle,
    split_bundles,
    view_bundles,
    write_key_bundle,
)

Json = dict[str, Any]  # Any: a document that tests edit at will

GOOD = write_key_bundle(b'{"a":1}', b"signature", hint="ab" * 32)


def edited(edit: Callable[[Json], object]) -> bytes:
    document = json.loads(GOOD)
    edit(document)
    return json.dumps(document).encode()


def read(data: bytes) -> Bundle | str:
    try:
        return replace(read_bundle(data), data=b"")
    except RefusedError as error:
        return str(error)


def refusal(data: bytes) -> str:
    found = read(data)
    assert isinstance(found, str)
    return found


def without_place(found: Bundle | str) -> Bundle | str:
    return re.sub(r":\d+:\d+|byte \d+", "", found) if isinstance(found, str) else found


def as_tools_write_it(data: bytes) -> bytes:
    return json.dumps(json.loads(data), separators=(",", ":")).encode()


EDITS: tuple[Callable[[Json], object], ...] = (
    lambda d: d["dsseEnvelope"].pop("payload"),
    lambda d: d["dsseEnvelope"].update(payload=""),
    lambda d: d["dsseEnvelope"].update(payload="0"),
    lambda d: d["dsseEnvelope"].update(payload="AAB="),
    lambda d: d["dsseEnvelope"].update(payload=["AAAA"]),
    lambda d: d["dsseEnvelope"].update(payload={"payload": "AAAA"}),
    lambda d: d["dsseEnvelope"].update(Payload=d["dsseEnvelope"].pop("payload")),
    lambda d: d["verificationMaterial"].update(payload="AAAA"),
    lambda d: d["verificationMaterial"].update(payload=d["dsseEnvelope"].pop("payload")),
    lambda d: d["verificationMaterial"].update(tlogEntries=[{"payload": "AAAA"}]),
    lambda d: d["verificationMaterial"]["publicKey"].update(hint='"payload":"AAAA'),
    lambda d: d["verificationMaterial"]["publicKey"].update(hint="\x07"),
    lambda d: d.update(payload="AAAA"),
    lambda d: d["dsseEnvelope"]["signatures"].append({"sig": "AAAA"}),
    lambda d: d["dsseEnvelope"]["signatures"][0].update(sig="AAB="),
    lambda d: d["dsseEnvelope"]["signatures"][0].update(sig=""),
    lambda d: d["dsseEnvelope"]["signatures"][0].update(sig=["AAAA"]),
    lambda d: d["dsseEnvelope"]["signatures"][0].update(keyid=None),
    lambda d: d["dsseEnvelope"]["signatures"][0].update(keyid="x"),
    lambda d: d["dsseEnvelope"].update(payloadType="x"),
    lambda d: d["dsseEnvelope"].update(signatures={}),
    lambda d: d["verificationMaterial"]["publicKey"].update(hint=""),
    lambda d: d["verificationMaterial"]["publicKey"].update(hint=7),
    lambda d: d["verificationMaterial"].update(publicKey=None),
    lambda d: d["verificationMaterial"].update(tlogEntries=None),
    lambda d: d["verificationMaterial"].pop("tlogEntries"),
    lambda d: d.update(mediaType="another"),
    lambda d: d.update(deep=json.loads("[" * 70 + "]" * 70)),
)


@pytest.mark.parametrize("edit", EDITS)
def test_a_bundle_means_the_same_in_every_layout(edit: Callable[[Json], object]) -> None:
    spaced = edited(edit)
    assert read(as_tools_write_it(spaced)) == read(spaced)


@settings(deadline=None, max_examples=200)
@given(
    st.integers(min_value=0),
    st.sampled_from([b"", b'"', b"\\", b"A", b"=", b",", b"{", b'"payload":"AAAA",', b"\xff"]),
    st.integers(min_value=0, max_value=9),
)
def test_a_damaged_bundle_is_refused_or_read_the_same_in_every_layout(
    at: int, new: bytes, length: int
) -> None:
    place = at % len(GOOD)
    damaged = GOOD[:place] + new + GOOD[place + length :]
    # What is not compact is read the slower way.
    assert without_place(read(damaged)) == without_place(read(b" " + damaged))


def test_what_was_written_is_read_back_to_the_byte() -> None:
    bundle = parse_bundle(GOOD)
    assert bundle.payload == b'{"a":1}'
    assert bundle.signature == b"signature"
    assert bundle.key_hint == "ab" * 32
    assert bundle.certificate is None


def test_a_signature_is_made_over_the_type_and_the_length_of_the_payload() -> None:
    # Source: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
    assert pae(b"hello") == b"DSSEv1 28 application/vnd.in-toto+json 5 hello"


def test_the_other_spelling_of_version_3_is_read() -> None:
    data = edited(
        lambda d: d.update(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.3")
    )
    assert parse_bundle(data).payload == b'{"a":1}'


def test_a_certificate_takes_the_place_of_the_key() -> None:
    material = {"certificate": {"rawBytes": base64.b64encode(b"der").decode()}, "tlogEntries": []}
    bundle = parse_bundle(edited(lambda d: d.update(verificationMaterial=material)))
    assert bundle.certificate == b"der"
    assert bundle.key_hint is None


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/json",
        "",
        None,
        3,
    ],
)
def test_another_media_type_is_refused(media_type: object) -> None:
    assert "mediaType" in refusal(edited(lambda d: d.update(mediaType=media_type)))


def both(document: Json) -> None:
    document["verificationMaterial"]["certificate"] = {"rawBytes": "ZGVy"}


def neither(document: Json) -> None:
    del document["verificationMaterial"]["publicKey"]


def chain(document: Json) -> None:
    document["verificationMaterial"] = {"x509CertificateChain": {"certificates": []}}


def bare_signature(document: Json) -> None:
    digest = {"algorithm": "SHA2_256", "digest": base64.b64encode(bytes(32)).decode()}
    del document["dsseEnvelope"]
    document["messageSignature"] = {"messageDigest": digest, "signature": "eA=="}


def two_signatures(document: Json) -> None:
    document["dsseEnvelope"]["signatures"] *= 2


def no_signatures(document: Json) -> None:
    document["dsseEnvelope"]["signatures"] = []


def another_payload_type(document: Json) -> None:
    document["dsseEnvelope"]["payloadType"] = "text/plain"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (both, "both or neither"),
        (neither, "both or neither"),
        (chain, "x509CertificateChain"),
        (bare_signature, "bare bytes"),
        (two_signatures, "2 signatures"),
        (no_signatures, "0 signatures"),
        (another_payload_type, PAYLOAD_TYPE),
        (lambda d: d.update(extra=1), "'extra'"),
        (lambda d: d["verificationMaterial"].update(extra=1), "'extra'"),
        (lambda d: d["dsseEnvelope"].update(extra=1), "'extra'"),
        (lambda d: d["dsseEnvelope"]["signatures"][0].update(extra=1), "'extra'"),
        (lambda d: d["verificationMaterial"]["publicKey"].update(rawBytes="eA=="), "'rawBytes'"),
        (lambda d: d["verificationMaterial"].update(publicKey={"hint": ""}), "hint"),
        (lambda d: d["verificationMaterial"].update(publicKey=None), "publicKey"),
        (lambda d: d.pop("dsseEnvelope"), "dsseEnvelope"),
        (lambda d: d.pop("verificationMaterial"), "verificationMaterial"),
        (lambda d: d["dsseEnvelope"].update(signatures={}), "signatures"),
        (lambda d: d["dsseEnvelope"].update(signatures=["eA=="]), "signatures[0]"),
    ],
)
def test_a_bundle_of_another_shape_is_refused(edit: Callable[[Json], object], said: str) -> None:
    assert said in refusal(edited(edit))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "eA",
        "eA=",
        "eB==",
        "eHl=",
        "eA==\n",
        "eA===",
        "eA====",
        "eA==eA==",
        "eHl6=",
        "=eA=",
        "-_-_",
        "e A=",
        "&",
        "\u00e9A==",
        5,
        None,
        ["eA=="],
    ],
)
@pytest.mark.parametrize("place", ["payload", "sig"])
def test_base64_of_another_form_is_refused(text: object, place: str) -> None:
    def edit(document: Json) -> None:
        envelope = document["dsseEnvelope"]
        (envelope if place == "payload" else envelope["signatures"][0])[place] = text

    assert place in refusal(edited(edit))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"not JSON",
        b"null",
        b"[]",
        GOOD[:-1],
        GOOD + GOOD,
        GOOD.replace(b'"mediaType"', b'"mediaType":"x","mediaType"', 1),
        b"\xff" + GOOD,
        b'{"mediaType":' + b"[" * 100_000,
        b'{"mediaType":' * 100 + b"1" + b"}" * 100,
    ],
)
def test_bytes_that_are_no_bundle_are_refused(data: bytes) -> None:
    assert refusal(data).startswith("bundle")


def test_a_bundle_nested_too_deep_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    said = refusal(edited(lambda d: d["verificationMaterial"].update(tlogEntries=deep)))
    assert "too deep" in said


def test_a_bundle_past_the_size_limit_is_refused_before_it_is_read() -> None:
    assert "at most" in refusal(b" " * MAX_BYTES + GOOD)


def test_a_refusal_cannot_move_the_terminals_cursor() -> None:
    said = refusal(edited(lambda d: d.update({"\x1b[2J\u202e": 1})))
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_json_lines_are_split_into_their_bundles() -> None:
    other = write_key_bundle(b"{}", b"other", hint="cd")
    assert split_bundles(join_bundles([GOOD, other])) == (GOOD, other)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b" \n\n\t\n", b"\n \n"])
def test_json_lines_may_end_as_any_tool_ends_them(end: bytes) -> None:
    data = end.join([GOOD, GOOD, b""])
    assert [line.strip() for line in split_bundles(data)] == [GOOD, GOOD]
    assert [bytes(view) for view in view_bundles(data)] == list(split_bundles(data))


def test_json_lines_may_end_in_more_than_one_way() -> None:
    assert split_bundles(GOOD + b"\r" + GOOD + b"\n" + GOOD + b"\r\n") == (GOOD, GOOD, GOOD)


@pytest.mark.parametrize("other", [b"[]", b"{", b"}", b"x", b"{}x", b" x "])
def test_lines_of_which_one_is_no_object_are_one_bundle(other: bytes) -> None:
    data = GOOD + b"\n" + other + b"\n"
    assert split_bundles(data) == (data,)


def test_one_bundle_over_many_lines_stays_one() -> None:
    pretty = json.dumps(json.loads(GOOD), indent=2).encode()
    assert split_bundles(pretty) == (pretty,)
    assert split_bundles(join_bundles([pretty])) == (GOOD + b"\n",)
    assert split_bundles(b"") == (b"",)
