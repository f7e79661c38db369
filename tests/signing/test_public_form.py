"""The form of a public key is the library's own, and only that form is read the short way."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.public_form import public_der, public_pem, usual_key

SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
KINDS = (key_kinds.P256, key_kinds.P384, key_kinds.P521, key_kinds.ED25519)


def public(kind: str) -> PublicKey:
    return key_kinds.generate(kind).public_key()


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_written_as_the_library_writes_it(kind: str) -> None:
    for _ in range(20):  # numbers may begin with zeros
        key = public(kind)
        assert public_der(key) == key.public_bytes(serialization.Encoding.DER, SPKI)
        assert public_pem(key) == key.public_bytes(serialization.Encoding.PEM, SPKI)


def test_numbers_that_begin_with_zeros_keep_their_length() -> None:
    keys = (ec.derive_private_key(n, ec.SECP256R1()).public_key() for n in range(1, 3000))
    short = next(key for key in keys if key.public_numbers().x < 1 << 248)
    assert public_der(short) == short.public_bytes(serialization.Encoding.DER, SPKI)
    assert usual_key(public_pem(short)) == short


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read(kind: str) -> None:
    key = public(kind)
    assert usual_key(public_pem(key)) == key


@pytest.mark.parametrize("kind", KINDS)
def test_every_other_form_is_left_to_the_library(kind: str) -> None:
    pem = public_pem(public(kind))
    others = (
        b"", pem[:-1], pem + b"\n", b"\n" + pem, pem * 2, pem.replace(b"\n", b"\r\n"),
        pem.replace(b"PUBLIC", b"PRIVATE"), pem.replace(b"M", b"M ", 1), b"text\n" + pem,
    )  # fmt: skip
    assert [usual_key(other) for other in others] == [None] * len(others)


def test_a_curve_that_does_not_sign_here_is_left_to_the_library() -> None:
    key = ec.generate_private_key(ec.SECP256K1()).public_key()
    assert usual_key(key.public_bytes(serialization.Encoding.PEM, SPKI)) is None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.data())
def test_a_changed_file_is_another_key_that_the_library_reads_too_or_none(
    kind: str, data: st.DataObject
) -> None:
    pem = bytearray(public_pem(public(kind)))
    pem[data.draw(st.integers(0, len(pem) - 1))] = data.draw(st.integers(0, 255))
    key = usual_key(bytes(pem))
    assert key is None or key == serialization.load_pem_public_key(bytes(pem))
