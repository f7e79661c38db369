"""A signature of a model holds for these bytes, all of them, and by whom the judge names."""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from blake3 import blake3

from aigf_dvc.actions.verify_oms import SignedModel, verify_oms
from aigf_dvc.attestation.oms import build_oms_statement, root_digest
from aigf_dvc.attestation.oms_verification import OmsStepName, OmsVerification
from aigf_dvc.attestation.verification import StepOutcome
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.signing.by_key import sign_statement

PRIVATE_PEM, PUBLIC_PEM = generate_key(None)
PRIVATE = load_private_key(PRIVATE_PEM, None, where="test")
FILES = {"weights": b"123", "sub/words": b"", "caf\u00e9.txt": b"x"}
SIGNER = KeySigner(public_key=load_public_key(PUBLIC_PEM, where="test"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "net"
    (folder / "sub").mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


def signature(files: Mapping[str, bytes] = FILES) -> bytes:
    listed = [ModelFile(name=name, sha256=sha256(data)) for name, data in files.items()]
    return sign_statement(build_oms_statement("net", listed), PRIVATE)


def custom(how: Mapping[str, object], *digests: tuple[str, str]) -> bytes:
    """Return a signature of what others may sign: another way, other hashes."""
    kind = how["hash_type"]
    resources = [{"name": name, "digest": digest, "algorithm": kind} for name, digest in digests]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "x", "digest": {"sha256": root_digest(d for _, d in digests)}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"serialization": {"allow_symlinks": False, **how}, "resources": resources},
    }
    return sign_statement(json.dumps(statement).encode(), PRIVATE)


def verified(path: Path, data: bytes, *, at: Path | None = None) -> OmsVerification:
    return verify_oms(SignedModel(path=path, signature=data, signature_path=at), signer=SIGNER)


def stopped(verification: OmsVerification) -> tuple[OmsStepName, StepOutcome]:
    assert not verification.holds
    assert [step.name for step in verification.steps] == list(OmsStepName)
    assert verification.stopped_at is not None
    return verification.stopped_at.name, verification.stopped_at.outcome


def test_a_signed_directory_holds(model: Path) -> None:
    found = verified(model, signature())
    assert found.holds
    assert found.exit_code == 0
    assert found.not_covered == ()
    assert found.signer is not None


def test_a_changed_a_missing_and_an_added_file_are_refused(model: Path) -> None:
    (model / "weights").write_bytes(b"124")
    found = verified(model, signature())
    assert stopped(found) == (OmsStepName.BYTES, StepOutcome.FAILED)
    assert found.exit_code == 1
    (model / "weights").unlink()
    assert stopped(verified(model, signature())) == (OmsStepName.FILES, StepOutcome.FAILED)
    (model / "weights").write_bytes(b"123")
    (model / "more").write_bytes(b"")
    assert stopped(verified(model, signature())) == (OmsStepName.FILES, StepOutcome.FAILED)


def test_a_link_is_refused_though_its_bytes_are_those(model: Path) -> None:
    (model / "weights").rename(model.parent / "w")
    (model / "weights").symlink_to("../w")
    assert stopped(verified(model, signature())) == (OmsStepName.FILES, StepOutcome.FAILED)


def test_a_link_is_followed_where_its_signer_followed_links(model: Path) -> None:
    (model / "weights").rename(model.parent / "w")
    (model / "weights").symlink_to("../w")
    how = {"method": "files", "hash_type": "sha256", "allow_symlinks": True}
    digests = [(name, sha256(data)) for name, data in FILES.items()]
    found = verified(model, custom(how, *digests))
    assert found.holds
    assert found.not_covered == ("'weights' is a link out of the model",)
    (model.parent / "w").write_bytes(b"124")
    assert stopped(verified(model, custom(how, *digests)))[0] is OmsStepName.BYTES


def test_ignored_paths_and_what_git_keeps_are_told_not_verified(model: Path) -> None:
    (model / "cache").mkdir()
    (model / "cache/x").write_bytes(b"anything")
    (model / ".gitattributes").write_bytes(b"anything")
    how = {"method": "files", "hash_type": "sha256", "ignore_paths": ["cache"]}
    found = verified(model, custom(how, *[(name, sha256(data)) for name, data in FILES.items()]))
    assert found.holds
    assert found.not_covered == (
        "'.gitattributes' is not signed: ignored",
        "'cache' is not signed: ignored",
    )
    assert stopped(verified(model, signature()))[0] is OmsStepName.FILES  # cache, unless ignored


def test_the_signature_may_lie_in_the_model_and_nothing_else_unsigned(model: Path) -> None:
    place = model / "model.sig"
    place.write_bytes(signature())
    assert verified(model, signature(), at=place).not_covered == (
        "'model.sig' is not signed: ignored",
    )
    assert stopped(verified(model, signature()))[0] is OmsStepName.FILES


def test_shards_of_any_known_hash_hold(model: Path) -> None:
    how = {"method": "shards", "hash_type": "blake2b", "shard_size": 2}
    pieces = [("weights:0:2", b"12"), ("weights:2:3", b"3"), ("caf\u00e9.txt:0:1", b"x")]
    digests = [(name, hashlib.blake2b(data).hexdigest()) for name, data in pieces]
    found = verified(model, custom(how, *digests))
    assert found.holds
    assert "sub/words" in found.not_covered[0]
    (model / "weights").write_bytes(b"124")
    changed = verified(model, custom(how, *digests))
    assert stopped(changed) == (OmsStepName.BYTES, StepOutcome.FAILED)
    assert changed.stopped_at is not None
    assert "'weights' from byte 2 to 3" in changed.stopped_at.detail


def blake3_signature() -> bytes:
    how = {"method": "files", "hash_type": "blake3"}
    return custom(how, *[(name, blake3(data).hexdigest()) for name, data in FILES.items()])


def test_files_hashed_with_blake3_hold_or_were_changed(model: Path) -> None:
    assert verified(model, blake3_signature()).holds
    (model / "weights").write_bytes(b"124")
    assert stopped(verified(model, blake3_signature())) == (OmsStepName.BYTES, StepOutcome.FAILED)


def test_a_hash_that_cannot_be_computed_here_is_undecided(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "blake3", None)
    monkeypatch.delitem(sys.modules, "aigf_dvc.hashing.blake3_hash", raising=False)
    found = verified(model, blake3_signature())
    assert stopped(found) == (OmsStepName.BYTES, StepOutcome.UNDECIDED)
    assert found.exit_code == 3
    assert found.stopped_at is not None
    assert "pip install 'aigf-dvc[blake3]'" in found.stopped_at.detail


def test_a_single_file_holds_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"123")
    assert verified(tmp_path / "model.bin", signature({".": b"123"})).holds
    assert verified(tmp_path / "model.bin", signature({"other.bin": b"123"})).holds
    assert not verified(tmp_path / "model.bin", signature({".": b"124"})).holds
    assert not verified(tmp_path, signature({".": b"123"})).holds


def test_another_key_and_a_changed_statement_are_refused(model: Path) -> None:
    other = load_private_key(generate_key(None)[0], None, where="test")
    payload = build_oms_statement("net", [ModelFile(name="w", sha256=sha256(b""))])
    assert stopped(verified(model, sign_statement(payload, other)))[0] is OmsStepName.SIGNATURE
    document = json.loads(signature())
    document["dsseEnvelope"]["payload"] = json.loads(sign_statement(payload, other))[
        "dsseEnvelope"
    ]["payload"]
    found = verified(model, json.dumps(document).encode())
    assert stopped(found)[0] is OmsStepName.SIGNATURE
    assert found.signer is None


def test_an_attestation_is_no_signature_of_a_model(model: Path) -> None:
    payload = b'{"_type":"https://in-toto.io/Statement/v1","predicateType":"x"}'
    assert stopped(verified(model, sign_statement(payload, PRIVATE)))[0] is OmsStepName.STATEMENT
    assert stopped(verified(model, b"{}"))[0] is OmsStepName.BUNDLE


def test_no_model_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        verified(tmp_path / "nothing", signature())


def test_a_verification_without_all_steps_does_not_hold() -> None:
    assert not OmsVerification(steps=()).holds
    assert OmsVerification(steps=()).exit_code == 1
