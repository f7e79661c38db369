"""`aigf verify --signature-only` says who signed a file, loudly that this is no verdict."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aigf_dvc.cli.main import aigf
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.public_form import public_pem
from tests.attestation.builders import MODEL_BYTES, a_payload
from tests.signing.by_key import sign_statement
from tests.signing.test_signature_only import PRIVATE, a_blob_bundle


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    private, public = generate_key(None)
    (tmp_path / "model.pkl").write_bytes(MODEL_BYTES)
    (tmp_path / "key.pub").write_bytes(public)
    bundle = sign_statement(a_payload(), load_private_key(private, None, where="test"))
    (tmp_path / "bundle.json").write_bytes(bundle)
    return tmp_path


def verify(*arguments: str, bundle: str = "bundle.json") -> Result:
    given = ["verify", "model.pkl", "--bundle", bundle, "--key", "key.pub", "--signature-only"]
    return CliRunner().invoke(aigf, [*given, *arguments])


def test_a_signature_is_verified_and_nothing_is_accepted(folder: Path) -> None:
    run = verify()
    assert run.exit_code == 0, run.output
    assert "SIGNATURE VERIFIED, NOTHING ELSE: model.pkl" in run.output
    assert "no verdict, no policy" in run.output
    assert "ACCEPTED" not in run.output
    assert folder.is_dir()


def test_json_has_no_word_that_a_machine_could_take_for_a_verdict(folder: Path) -> None:
    said = json.loads(verify("--format", "json").output)
    assert (said["signatureOnly"], said["signatureVerified"], said["exitCode"]) == (True, True, 0)
    assert "accepted" not in said
    (folder / "model.pkl").write_bytes(b"another")
    run = verify("--format", "json")
    assert (run.exit_code, json.loads(run.output)["signatureVerified"]) == (1, False)


def test_other_bytes_are_refused(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(b"another")
    run = verify()
    assert run.exit_code == 1
    assert "REFUSED at step 5, subject" in run.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--any-policy"], "--any-policy asks for more"),
        (["--environment", "staging"], "--environment asks for more"),
        (["--max-age", "3d"], "--max-age asks for more"),
        (["--from", "git"], "--from asks for more"),
    ],
)
def test_what_asks_for_more_is_the_callers_mistake(
    folder: Path, more: list[str], said: str
) -> None:
    run = verify(*more)
    assert run.exit_code == 2, folder
    assert said in run.output


def test_without_a_bundle_or_a_signer_it_is_the_callers_mistake(folder: Path) -> None:
    for arguments in (["--key", "key.pub"], ["--bundle", "bundle.json"]):
        run = CliRunner().invoke(aigf, ["verify", "model.pkl", "--signature-only", *arguments])
        assert run.exit_code == 2, folder


def test_bare_bytes_never_pass_for_an_attestation(folder: Path) -> None:
    (folder / "key.pub").write_bytes(public_pem(PRIVATE.public_key()))
    (folder / "blob.json").write_text(json.dumps(a_blob_bundle()))
    assert verify(bundle="blob.json").exit_code == 0
    whole = ["verify", "model.pkl", "--bundle", "blob.json", "--key", "key.pub", "--any-policy"]
    run = CliRunner().invoke(aigf, whole)
    assert run.exit_code == 1
    assert "bare bytes" in run.output
