"""Which programs verify which kinds of key is what we warn of: no more, and no less."""

import datetime as dt
import json
from pathlib import Path

import pytest

from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.public_form import public_pem
from tests.attestation.builders import MODEL_BYTES, a_payload
from tests.independent.programs import run_program
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement


@pytest.mark.slow
def test_cosign_verifies_the_kinds_that_we_do_not_warn_of(tmp_path: Path) -> None:
    payload = a_payload(issued_on=dt.datetime.now(dt.UTC).replace(microsecond=0))
    (tmp_path / "model.pkl").write_bytes(MODEL_BYTES)
    with LocalSigstore() as sigstore:
        (tmp_path / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    for name in (key_kinds.P256, key_kinds.P384, key_kinds.P521, key_kinds.ED25519):
        key = key_kinds.generate(name)
        kind = key_kinds.kind_of(key)
        assert kind is not None
        (tmp_path / "key.pub").write_bytes(public_pem(key.public_key()))
        (tmp_path / "bundle.json").write_bytes(sign_statement(payload, key))
        done = run_program(
            "cosign", "verify-blob-attestation", "--new-bundle-format", "--bundle", "bundle.json",
            "--type", DEPLOYMENT, "--key", "key.pub", "--insecure-ignore-tlog",
            "--trusted-root", "root.json", "model.pkl", folder=tmp_path,
        )  # fmt: skip
        assert (done.returncode == 0) is ("cosign" not in kind.who_cannot), (name, done.stderr)
