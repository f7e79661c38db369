"""`aigf attest` ends with the command that verifies what it signed; it works as it stands."""

import json
import shlex
from pathlib import Path

import pytest

from aigf_dvc.actions.key_generate import generate
from tests.local_sigstore.server import LocalSigstore
from tests.playground import Playground

ISSUER = "https://issuer.test.example"


def printed(said: str) -> list[str]:
    """Return the words of the command, without `aigf`."""
    _, _, command = said.partition("to verify scorer: aigf ")
    return shlex.split(command.replace("\\\n", ""))


def filled(words: list[str], **files: Path | str) -> list[str]:
    return [str(files.get(word.partition(".")[0].lower(), word)) for word in words]


def test_the_command_names_the_store_and_the_environment(
    playground: Playground, tmp_path: Path
) -> None:
    key, store = tmp_path / "the.key", tmp_path / "a store"
    store.mkdir()
    playground.aigf("key", "generate", str(key), "--no-passphrase")
    run = playground.aigf(
        "attest", "--key", str(key), "--to", str(store), "--environment", "staging"
    )
    assert run.returncode == 0, run.stderr
    words = filled(printed(run.stderr), public=key.with_suffix(".pub"))
    accepted = playground.aigf(*words)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "ACCEPTED: scorer for staging" in accepted.stdout


@pytest.mark.parametrize("option", ["--output", "--oms"])
def test_nothing_is_signed_for_a_file_that_could_not_be_written(
    playground: Playground, tmp_path: Path, option: str
) -> None:
    key = tmp_path / "the.key"
    generate(key, passphrase=None)
    run = playground.aigf("attest", "--key", str(key), option, str(tmp_path / "none/b.json"))
    assert run.returncode == 2
    assert "there is no folder" in run.stderr
    assert not playground.git("for-each-ref", "refs/aigf")


def test_what_an_instance_of_your_own_signed_is_verified_with_its_root(
    playground: Playground, tmp_path: Path
) -> None:
    with LocalSigstore(ISSUER) as sigstore:
        config = tmp_path / "config.json"
        config.write_text(json.dumps(sigstore.trust_config()))
        run = playground.aigf(
            "attest", "--keyless", "--trust-config", str(config),
            extra={"AIGF_IDENTITY_TOKEN": sigstore.token("dev@example.com")},
        )  # fmt: skip
        (tmp_path / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    assert run.returncode == 0, run.stderr
    words = filled(
        printed(run.stderr), root=tmp_path / "root.json", id="dev@example.com", url=ISSUER
    )
    accepted = playground.aigf(*words)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
