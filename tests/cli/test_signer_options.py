"""Whoever signs is named by an option: a key file, a key in a token, an identity."""

from pathlib import Path

import pytest

from tests.playground import Playground
from tests.signing.soft_token import PIN, make_token


def attested(playground: Playground, key: str, **extra: str) -> tuple[int, str]:
    run = playground.aigf("attest", "--key", key, "--output", "b.json", extra=extra)
    return run.returncode, run.stderr


def test_a_token_signs_and_the_public_key_verifies(playground: Playground, tmp_path: Path) -> None:
    token = make_token(tmp_path)
    token.add_key("release")
    secrets = {**token.environment, "AIGF_PKCS11_PIN": PIN}
    code, said = attested(playground, token.uri("release"), **secrets)
    assert code == 0, said
    (tmp_path / "release.pub").write_bytes(token.public_key("release"))
    run = playground.aigf(
        "verify", "models/model.bin", "--bundle", "b.json", "--any-policy",
        "--key", str(tmp_path / "release.pub"),
    )  # fmt: skip
    assert run.returncode == 0, run.stdout


def test_a_token_whose_pin_nobody_gives_is_refused(playground: Playground, tmp_path: Path) -> None:
    token = make_token(tmp_path)
    token.add_key("release")
    code, said = attested(playground, token.uri("release"), **token.environment)
    assert code == 2
    assert "AIGF_PKCS11_PIN" in said


def test_without_the_library_a_token_is_refused_with_how_to_install_it(
    playground: Playground, tmp_path: Path
) -> None:
    (tmp_path / "pkcs11.py").write_text("raise ImportError\n")
    path = f"{tmp_path}:{Path(__file__).parents[2]}"
    code, said = attested(playground, "pkcs11:object=x?module-path=/m.so", PYTHONPATH=path)
    assert code == 2
    assert "pip install 'aigf-dvc[pkcs11]'" in said


@pytest.mark.parametrize(
    ("kind", "warning"),
    [("p256", ""), ("p384", "@sigstore/verify"), ("ed25519", "model_signing")],
)
def test_a_key_that_some_verifiers_refuse_is_warned_about(
    playground: Playground, tmp_path: Path, kind: str, warning: str
) -> None:
    key = str(tmp_path / "the.key")
    assert (
        playground.aigf("key", "generate", key, "--no-passphrase", "--type", kind).returncode == 0
    )
    code, said = attested(playground, key)
    assert code == 0
    assert ("warning" in said) is bool(warning)
    assert warning in said
    public = str(tmp_path / "the.pub")
    run = playground.aigf(
        "verify", "models/model.bin", "--bundle", "b.json", "--any-policy", "--key", public
    )
    assert run.returncode == 0, run.stdout
