"""What people write to name something to revoke."""

from pathlib import Path

import pytest

from aigf_dvc.actions.revoked_targets import (
    read_attestation,
    read_data,
    read_model,
    read_signer,
)
from aigf_dvc.attestation.lists.revocations import Kind, Target
from aigf_dvc.digests import md5, sha256, tree_digest
from aigf_dvc.errors import InputError
from aigf_dvc.signing.bundle import join_bundles
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored
from tests.actions.list_signing import PAIRS, sign
from tests.attestation.builders import a_payload
from tests.attestation.list_builders import MODEL, OTHER

BUNDLE_BYTES = sign(a_payload())


def test_an_attestation_is_known_by_its_statement_whatever_the_bundle_looks_like(
    tmp_path: Path,
) -> None:
    (tmp_path / "one.json").write_bytes(BUNDLE_BYTES)
    (tmp_path / "spaced.json").write_bytes(BUNDLE_BYTES.replace(b'":', b'" : '))
    wanted = Target(kind=Kind.ATTESTATION, sha256=sha256(a_payload()))
    for name in ("one.json", "spaced.json"):
        assert read_attestation(str(tmp_path / name), None) == wanted


def test_a_digest_names_a_stored_bundle_or_else_a_statement(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.add(
        (
            Stored(model=MODEL, ending=BUNDLE, data=BUNDLE_BYTES),
            Stored(model=MODEL, ending=EVIDENCE, data=b"evidence"),
        )
    )
    by_bundle = read_attestation(f"sha256:{sha256(BUNDLE_BYTES)}", store)
    assert by_bundle.sha256 == sha256(a_payload())
    assert read_attestation(OTHER, store).sha256 == OTHER
    assert read_attestation(OTHER, None).sha256 == OTHER
    evidence = sha256(b"evidence")
    assert read_attestation(evidence, store).sha256 == evidence


@pytest.mark.parametrize("data", [b"", b"{}", join_bundles([BUNDLE_BYTES, BUNDLE_BYTES])])
def test_a_file_that_is_not_one_bundle_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "b.json").write_bytes(data)
    with pytest.raises(InputError, match=r"b\.json"):
        read_attestation(str(tmp_path / "b.json"), None)


def test_a_file_a_folder_and_a_digest_name_a_model(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a.bin").write_bytes(b"a")
    file = read_model(str(tmp_path / "model" / "a.bin"))
    assert file == Target(kind=Kind.MODEL, sha256=sha256(b"a"))
    folder = read_model(str(tmp_path / "model"))
    assert folder.sha256 == tree_digest([(b"a.bin", sha256(b"a"))])
    assert (
        read_model(f"sha256:{OTHER}") == read_model(OTHER) == Target(kind=Kind.MODEL, sha256=OTHER)
    )


def test_data_has_both_digests_where_its_bytes_are_here(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"rows")
    found = read_data(str(tmp_path / "rows.csv"))
    assert found == Target(kind=Kind.DATA, sha256=sha256(b"rows"), md5=md5(b"rows"))
    folder = read_data(str(tmp_path))
    assert len(folder.md5) == 32
    assert read_data("md5:" + "a" * 32 + ".dir") == Target(kind=Kind.DATA, md5="a" * 32)
    assert read_data(f"sha256:{OTHER}") == Target(kind=Kind.DATA, sha256=OTHER)


def test_a_signer_is_a_key_or_an_identity(tmp_path: Path) -> None:
    pem = PAIRS["sec"][1]
    (tmp_path / "sec.pub").write_bytes(pem)
    name = fingerprint(load_public_key(pem, where="sec"))
    assert read_signer(str(tmp_path / "sec.pub"), None) == read_signer(name, None)
    assert read_signer(name, None) == Target(kind=Kind.SIGNER, signer=name)
    ci = read_signer("ci@corp", "https://issuer")
    assert ci == Target(kind=Kind.SIGNER, signer="ci@corp", issuer="https://issuer")
    with pytest.raises(InputError) as caught:
        read_signer("ci@corp", None)
    assert "--issuer" in caught.value.hint


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    for read in (read_model, read_data):
        with pytest.raises(InputError, match="no such file or folder"):
            read(str(tmp_path / "none"))
    with pytest.raises(InputError, match="no such file"):
        read_attestation(str(tmp_path / "none"), None)
