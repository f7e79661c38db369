"""The bytes on the disk are hashed, and the best of several bundles counts."""

import json
import os
from pathlib import Path

import pytest

from aigf_dvc.actions.signature_only import check_signature
from aigf_dvc.errors import InputError
from aigf_dvc.signing.bundle import join_bundles
from aigf_dvc.signing.key_kinds import generate
from tests.signing.by_key import sign_statement
from tests.signing.test_signature_only import BYTES, KEY, a_blob_bundle, a_statement


def test_the_bundle_that_verifies_counts_whatever_stands_before_it(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(BYTES)
    (tmp_path / "link").symlink_to("m")
    blob = json.dumps(a_blob_bundle()).encode()
    foreign = sign_statement(a_statement(), generate("p256"))
    for name in ("m", "link"):
        both = join_bundles([foreign, blob])
        assert check_signature(tmp_path / name, both, signer=KEY).verified
    refused = check_signature(tmp_path / "m", join_bundles([foreign, foreign]), signer=KEY)
    assert (refused.verified, refused.exit_code) == (False, 1)
    assert check_signature(tmp_path / "m", b"", signer=KEY).exit_code == 1


def test_what_is_no_file_is_the_callers_mistake(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    for name in ("nothing", "loop", "pipe", "."):
        with pytest.raises(InputError, match="no file"):
            check_signature(tmp_path / name, b"", signer=KEY)
