"""Whoever signs is named by an option: a key file, a key in a token, an identity."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aigf_dvc.actions.key_generate import generate
from aigf_dvc.cli.open_signer import open_signers
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.errors import InputError
from aigf_dvc.signing.bundle import parse_bundle, split_bundles
from tests.attestation.builders import a_payload
from tests.local_sigstore.server import LocalSigstore
from tests.playground import Playground
from tests.signing.own_pki import IDENTITY, make_pki, timestamp_server
from tests.signing.soft_token import PIN, make_token

ISSUER = "https://issuer.test.example"
URL = "http://127.0.0.1:9/"  # where nobody answers


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
    [
        ("p256", ""),
        ("p384", "cosign and @sigstore/verify"),
        ("p521", "cosign and @sigstore/verify"),
        ("ed25519", "model_signing"),
    ],
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


def test_a_certificate_signs_and_the_pki_verifies(playground: Playground, tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    with timestamp_server(pki.stamp) as url:
        run = playground.aigf(
            "attest", "--key", str(pki.path("leaf.key")), "--certificate",
            str(pki.path("leaf.pem")), "--timestamp-url", url, "--output", "b.json",
        )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "--certificate-authority CA.pem" in run.stderr
    (tmp_path / "ca.pem").write_bytes(pki.read("root.pem", "between.pem"))
    ask = ["verify", "models/model.bin", "--bundle", "b.json", "--any-policy"]
    trust = [
        "--certificate-authority", str(tmp_path / "ca.pem"),
        "--timestamp-authority", str(pki.path("tsa-root.pem")),
    ]  # fmt: skip
    good = playground.aigf(*ask, *trust, "--identity", IDENTITY)
    assert good.returncode == 0, good.stdout
    assert "(tsa)" in good.stdout
    assert playground.aigf(*ask, *trust, "--identity", "eve@corp.example").returncode == 1
    for missing in (trust[:2], trust[2:]):
        assert playground.aigf(*ask, *missing, "--identity", IDENTITY).returncode == 2


def test_a_certificate_for_something_else_signs_nothing(
    playground: Playground, tmp_path: Path
) -> None:
    pki = make_pki(tmp_path)
    run = playground.aigf(
        "attest", "--key", str(pki.path("web.key")), "--certificate", str(pki.path("web.pem")),
        "--timestamp-url", URL, "--output", "b.json",
    )  # fmt: skip
    assert (run.returncode, "web.pem: not for signing code" in run.stderr) == (2, True), run.stderr


def test_a_key_with_a_timestamp_proves_when(playground: Playground, tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    key = str(tmp_path / "the.key")
    playground.aigf("key", "generate", key, "--no-passphrase")
    with timestamp_server(pki.stamp) as url:
        playground.aigf("attest", "--key", key, "--timestamp-url", url, "--output", "stamped.json")
    playground.aigf("attest", "--key", key, "--output", "plain.json")
    ask = [
        "verify", "models/model.bin", "--any-policy", "--key", str(tmp_path / "the.pub"),
    ]  # fmt: skip
    demand = ["--timestamp-authority", str(pki.path("tsa-root.pem"))]
    stamped = playground.aigf(*ask, *demand, "--bundle", "stamped.json")
    assert stamped.returncode == 0, stamped.stdout
    assert "(tsa)" in stamped.stdout
    plain = playground.aigf(*ask, *demand, "--bundle", "plain.json")
    assert plain.returncode == 1
    assert "no timestamp" in plain.stdout
    assert "(claimed)" in playground.aigf(*ask, "--bundle", "stamped.json").stdout


def test_a_key_signs_into_a_log_and_whoever_demands_the_log_finds_it(
    playground: Playground, tmp_path: Path
) -> None:
    key, public, root = (str(tmp_path / name) for name in ("the.key", "the.pub", "root.json"))
    playground.aigf("key", "generate", key, "--no-passphrase")
    with LocalSigstore(issuer=ISSUER) as sigstore:
        Path(root).write_text(json.dumps(sigstore.trusted_root()))
        attest = ["attest", "--key", key, "--log-url", sigstore.url]
        run = playground.aigf(*attest, "--log-version", "1", "--output", "logged.json")
        assert run.returncode == 0, run.stderr
    playground.aigf("attest", "--key", key, "--output", "plain.json")
    ask = ["verify", "models/model.bin", "--any-policy", "--key", public]
    logged = playground.aigf(*ask, "--trusted-root", root, "--bundle", "logged.json")
    assert logged.returncode == 0, logged.stdout
    assert "in a transparency log" in logged.stdout
    assert "(log)" in logged.stdout
    plain = playground.aigf(*ask, "--trusted-root", root, "--bundle", "plain.json")
    assert plain.returncode == 1
    assert "0 log entries" in plain.stdout
    observed = ["--observer-identity", "box@example.com", "--observer-issuer", ISSUER]
    of_observer = [*ask, *observed, "--trusted-root", root, "--bundle", "plain.json"]
    assert "0 log entries" not in playground.aigf(*of_observer).stdout
    assert "0 log entries" in playground.aigf(*of_observer, "--require-log").stdout
    assert playground.aigf(*ask, "--require-log", "--bundle", "plain.json").returncode == 2


def test_several_keys_sign_the_same_statement_each_in_a_bundle_of_its_own(
    playground: Playground, tmp_path: Path
) -> None:
    keys = [str(tmp_path / f"{name}.key") for name in ("release", "risk")]
    for key in keys:
        playground.aigf("key", "generate", key, "--no-passphrase")
    run = playground.aigf(
        "attest", "--key", keys[0], "--key", keys[1], "--output", "b.json", "--to", "../store"
    )
    assert run.returncode == 0, run.stderr
    assert "by 2 signers" in run.stderr
    bundles = split_bundles((playground.root / "b.json").read_bytes())
    assert len({parse_bundle(bundle).payload for bundle in bundles}) == 1
    assert len({parse_bundle(bundle).key_hint for bundle in bundles}) == len(bundles) == 2
    ask = ["verify", "models/model.bin", "--any-policy"]
    for public, place in (
        ("release.pub", ["--bundle", "b.json"]),
        ("risk.pub", ["--from", "../store"]),
    ):
        found = playground.aigf(*ask, *place, "--key", str(tmp_path / public))
        assert found.returncode == 0, found.stdout
    approve = ["approve", "--reason", "why", "--role", "owner", "--yes"]
    refused = playground.aigf(*approve, "--key", keys[0], "--key", keys[1])
    assert refused.returncode == 2
    assert "one --key" in refused.stderr


def test_nothing_is_stored_when_one_of_several_signers_fails(
    playground: Playground, tmp_path: Path
) -> None:
    keys = [str(tmp_path / f"{name}.key") for name in ("release", "risk")]
    for key in keys:
        playground.aigf("key", "generate", key, "--no-passphrase")
    token = "pkcs11:object=x?module-path=/nowhere.so"
    run = playground.aigf("attest", "--key", keys[0], "--key", token, "--to", "../store")
    assert run.returncode in (2, 3)
    assert not list((playground.root.parent / "store").rglob("*.json"))


def test_the_public_log_needs_consent(playground: Playground, tmp_path: Path) -> None:
    key = str(tmp_path / "the.key")
    playground.aigf("key", "generate", key, "--no-passphrase")
    run = playground.aigf("attest", "--key", key, "--log-url", "https://rekor.sigstore.dev")
    assert run.returncode == 2
    assert "for ever" in run.stderr
    assert "--yes-publish" in run.stderr


def test_a_token_in_a_file_signs_and_is_read_at_the_moment_of_signing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token, config = tmp_path / "token", tmp_path / "config.json"
    with LocalSigstore(issuer=ISSUER) as sigstore:
        config.write_text(json.dumps(sigstore.trust_config(rekor=1)))
        (sign,) = open_signers(
            SignerOptions(trust_config=config, identity_token_file=token), tmp_path
        )
        with pytest.raises(InputError, match="no such file"):
            sign(a_payload())
        token.write_text(sigstore.token("pod@cluster.example") + "\n")
        token.chmod(0o600)
        assert parse_bundle(sign(a_payload())).certificate
        alone = capsys.readouterr().err
        token.chmod(0o644)
        sign(a_payload())
        open_to_all = capsys.readouterr().err
    assert alone == f"aigf: signing as pod@cluster.example, for whom {ISSUER} vouches\n"
    assert "others can read this token" in open_to_all
    for text, found in (("eyJhbGciOiJub25lIn0.e30.secret\n", "it lacks aud"), ("\n", "empty")):
        token.write_text(text)
        with pytest.raises(InputError, match=found) as refused:
            sign(a_payload())
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "options",
    [
        ["--certificate", "c.pem"],
        ["--timestamp-url", URL],
        ["--key", "k.key", "--certificate", "c.pem"],
        ["--key", "k.key", "--keyless"],
        ["--key", "k.key", "--identity-token-file", "token"],
        ["--identity-token", "a.b.c", "--identity-token-file", "token"],
        ["--tuf-root", "root.json"],
        ["--tuf-url", URL, "--trust-config", "c.json"],
        ["--tuf-url", URL, "--key", "k.key"],
        ["--log-url", URL],
        ["--key", "k.key", "--key", "k.key"],
        ["--key", "k.key", "--key", "l.key", "--certificate", "c.pem", "--timestamp-url", URL],
        ["--keyless", "--log-url", URL],
        ["--key", "k.key", "--certificate", "c.pem", "--timestamp-url", URL, "--log-url", URL],
        [],
    ],
)
def test_half_a_signer_is_a_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    @click.command()
    @signer_options
    def signs(signing: SignerOptions) -> None:
        open_signers(signing, tmp_path)

    monkeypatch.chdir(tmp_path)
    generate(tmp_path / "k.key", passphrase=None)
    run = CliRunner().invoke(signs, options)
    assert run.exit_code == 2
    assert "Usage" in run.stderr
