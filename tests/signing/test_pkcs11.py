"""Keys in a token sign as files do; the token is SoftHSM."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.pkcs11 import read_address, token_signature
from tests.signing.soft_token import PIN, SoftToken, make_token

MESSAGE = b"what is signed"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    """One token for all tests: a module is loaded once in a process, with one configuration."""
    made = make_token(tmp_path_factory.mktemp("token"))
    for identifier, (label, curve) in enumerate(
        [("release", "P-256"), ("big", "P-384"), ("bigger", "P-521"), ("rsa", "RSA")], start=1
    ):
        made.add_key(label, curve=curve, identifier=f"0{identifier}")
    made.add_key("twin", identifier="11")
    made.add_key("twin", identifier="12")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(made.config))
        yield made


def signed(uri: str, *, pin: str = PIN) -> tuple[bytes, str]:
    signature, public = token_signature(
        MESSAGE, read_address(uri, default_module=None), pin=lambda: pin
    )
    return signature, fingerprint(public)


@pytest.mark.parametrize("label", ["release", "big", "bigger"])
def test_a_key_in_a_token_signs_and_its_public_key_verifies(token: SoftToken, label: str) -> None:
    signature, name = signed(token.uri(label))
    public = load_public_key(token.public_key(label), where="p")
    key_kinds.verify(public, signature, MESSAGE)
    assert name == fingerprint(public)


def test_a_key_is_found_by_its_id(token: SoftToken) -> None:
    _, name = signed(f"pkcs11:token=aigf-test;id=%01?module-path={token.module}")
    assert name == fingerprint(load_public_key(token.public_key("release"), where="p"))


def test_the_module_may_come_from_elsewhere(token: SoftToken) -> None:
    address = read_address("pkcs11:object=release", default_module=token.module)
    assert address.module == token.module


def refusal(uri: str, *, pin: str = PIN) -> str:
    with pytest.raises(AigfError) as refused:
        signed(uri, pin=pin)
    return f"{refused.value} {refused.value.hint}"


def test_a_wrong_pin_is_refused_and_not_told(token: SoftToken) -> None:
    said = refusal(token.uri("release"), pin="9999")
    assert "the PIN is wrong" in said
    assert "9999" not in said


def test_another_token_is_refused_with_those_that_are_there(token: SoftToken) -> None:
    assert "expected one of aigf-test" in refusal(token.uri("release", named="other"))


def test_a_key_that_is_not_there_or_not_alone_is_refused(token: SoftToken) -> None:
    assert "no private key of this name" in refusal(token.uri("nothing"))
    assert "several private keys of this name" in refusal(token.uri("twin"))


def test_a_key_of_another_kind_is_refused(token: SoftToken) -> None:
    assert "expected an ECDSA key, P-256, P-384 or P-521" in refusal(token.uri("rsa"))


def test_a_module_that_is_none_is_refused(tmp_path: Path) -> None:
    module = tmp_path / "module.so"
    module.write_text("no library")
    assert "cannot be loaded" in refusal(f"pkcs11:object=x?module-path={module}")
    assert "cannot be loaded" in refusal(f"pkcs11:object=x?module-path={tmp_path / 'none.so'}")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("pkcs11:object=x?pin-value=1234", "no secret in a command"),
        ("pkcs11:object=x;pin-source=/etc/pin", "no secret in a command"),
        ("pkcs11:token=x?module-path=/m.so", "names no key"),
        ("pkcs11:object=x", "AIGF_PKCS11_MODULE"),
        ("pkcs11:object=x;object=y?module-path=/m.so", "the attribute 'object=y'"),
        ("pkcs11:object=x;colour=red?module-path=/m.so", "the attribute 'colour=red'"),
        ("pkcs11:object=x;type=public?module-path=/m.so", "type=private"),
    ],
)
def test_a_wrong_uri_is_refused(uri: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_address(uri, default_module=None)
    assert said in f"{refused.value} {refused.value.hint}"
    assert "1234" not in str(refused.value)
