"""A trusted root that cannot be read is told by its file, and nothing of sigstore's is told."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aigf_dvc.cli.main import aigf
from aigf_dvc.cli.root_file import read_root
from aigf_dvc.errors import InputError
from tests.actions.list_signing import PAIRS, sign
from tests.attestation.builders import MODEL_BYTES, a_payload

NO_ROOT = b'{"mediaType": "application/json"}'
NO_KEYS = b'{"tlogs": [{"publicKey": 3}], "certificateAuthorities": [7]}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.pkl").write_bytes(MODEL_BYTES)
    (tmp_path / "bundle.json").write_bytes(sign(a_payload(), "ops"))
    (tmp_path / "ops.pub").write_bytes(PAIRS["ops"][1])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("text", [b"", b"{", NO_ROOT, NO_KEYS])
@pytest.mark.parametrize(
    "signer",
    [
        ("--identity", "ml@corp", "--issuer", "https://issuer"),
        ("--key", "ops.pub"),
        ("--key", "ops.pub", "--observer-identity", "box@corp", "--observer-issuer", "https://i"),
    ],
    ids=["identity", "key", "observer"],
)
def test_a_bad_root_is_named_before_anything_is_verified(
    folder: Path, text: bytes, signer: tuple[str, ...]
) -> None:
    (folder / "root.json").write_bytes(text)
    asked = ("verify", "model.pkl", "--bundle", "bundle.json", "--any-policy", *signer)
    done = CliRunner().invoke(aigf, [*asked, "--trusted-root", "root.json"])
    assert isinstance(done.exception, InputError), done.output
    assert str(done.exception).startswith("root.json")


def test_no_root_is_the_public_one() -> None:
    assert read_root(None) is None


def test_what_sigstore_logs_is_not_written_to_a_terminal() -> None:
    code = (
        "import logging, aigf_dvc.signing.keyless\n"
        "logging.getLogger('sigstore._internal.tuf').warning('loaded in offline mode')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b""
