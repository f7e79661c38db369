"""An entry is in the log's tree, and the log signed that tree, or it is refused."""

import hashlib
from base64 import b64encode
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.log_proof import Inclusion, is_signed, verify_checkpoint, verify_inclusion
from tests.local_sigstore.keys import SigningKey
from tests.local_sigstore.merkle import inclusion_proof, leaf_hash, root_hash
from tests.local_sigstore.rekor import TransparencyLog

ENTRIES = [f"entry {number}".encode() for number in range(20)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def inclusion(index: int, size: int) -> Inclusion:
    return Inclusion(
        index=index,
        tree_size=size,
        root=root_hash(LEAVES[:size]),
        path=inclusion_proof(index, LEAVES[:size]),
    )


@pytest.mark.parametrize("size", range(1, 21))
def test_every_entry_of_a_tree_is_found_in_its_place_and_in_no_other(size: int) -> None:
    for index in range(size):
        found = inclusion(index, size)
        verify_inclusion(ENTRIES[index], found)
        for other in range(size):
            if other != index:
                with pytest.raises(RefusedError):
                    verify_inclusion(ENTRIES[other], found)


@pytest.mark.parametrize(
    "change",
    [
        {"index": 6}, {"index": -1}, {"index": 11}, {"tree_size": 20}, {"tree_size": 8},
        {"tree_size": 0}, {"root": b"\0" * 32}, {"path": ()},
    ],
)  # fmt: skip
def test_another_place_tree_or_root_is_refused(change: dict[str, Any]) -> None:
    good = inclusion(5, 11)
    verify_inclusion(ENTRIES[5], good)
    with pytest.raises(RefusedError):
        verify_inclusion(ENTRIES[5], replace(good, **change))


def test_a_proof_with_a_hash_too_many_or_too_few_is_refused() -> None:
    good = inclusion(5, 11)
    for path in ((*good.path, good.root), good.path[:-1], good.path[1:]):
        with pytest.raises(RefusedError):
            verify_inclusion(ENTRIES[5], replace(good, path=path))


def signed_tree() -> tuple[TransparencyLog, Inclusion, str]:
    log = TransparencyLog(name="log.test", origin="log.test - 1")
    *_, last = [log.append(entry) for entry in ENTRIES[:5]]
    found = Inclusion(index=4, tree_size=5, root=last.root, path=last.path)
    return log, found, last.checkpoint


def test_the_logs_own_checkpoint_is_accepted() -> None:
    log, found, text = signed_tree()
    verify_checkpoint(text, found, key=log.key.private.public_key(), log_id=log.key.identifier)


@pytest.mark.parametrize("change", [{"tree_size": 6}, {"root": b"\0" * 32}])
def test_a_checkpoint_of_another_tree_is_refused(change: dict[str, Any]) -> None:
    log, found, text = signed_tree()
    with pytest.raises(RefusedError, match="another tree"):
        verify_checkpoint(
            text, replace(found, **change),
            key=log.key.private.public_key(), log_id=log.key.identifier,
        )  # fmt: skip


def test_a_checkpoint_that_the_log_did_not_sign_is_refused() -> None:
    log, found, text = signed_tree()
    other = SigningKey.generate()
    key, log_id = log.key.private.public_key(), log.key.identifier
    with pytest.raises(RefusedError, match="did not sign"):
        verify_checkpoint(text, found, key=other.private.public_key(), log_id=log_id)
    with pytest.raises(RefusedError, match="did not sign"):
        verify_checkpoint(text, found, key=key, log_id=other.identifier)
    with pytest.raises(RefusedError, match="did not sign"):
        verify_checkpoint(text.replace("log.test - 1", "log.test"), found, key=key, log_id=log_id)
    with pytest.raises(RefusedError, match="did not sign"):
        verify_checkpoint(text.partition("\n\n")[0] + "\n\n", found, key=key, log_id=log_id)


@pytest.mark.parametrize("text", ["", "a\nb", "a\n5\n***\n\n", "a\n5\n", "a\n5\nAAAA"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    log, found, _ = signed_tree()
    with pytest.raises(RefusedError):
        verify_checkpoint(text, found, key=log.key.private.public_key(), log_id=log.key.identifier)


def test_a_cosignature_beside_the_logs_own_does_no_harm() -> None:
    log, found, text = signed_tree()
    witness = SigningKey.generate()
    note = text.partition("\n\n")[0].encode() + b"\n"
    line = b64encode(witness.identifier[:4] + witness.sign(note)).decode()
    seen = text.replace("\n\n", f"\n\n\N{EM DASH} witness.test {line}\n", 1)
    key = log.key.private.public_key()
    verify_checkpoint(seen, found, key=key, log_id=log.key.identifier)


def test_a_signature_is_the_keys_own_or_none() -> None:
    key = SigningKey.generate()
    public = key.private.public_key()
    assert is_signed(b"message", key.sign(b"message"), public)
    assert not is_signed(b"another", key.sign(b"message"), public)
    assert not is_signed(b"message", b"", public)


def test_a_place_outside_the_tree_is_refused_even_where_the_hashes_agree() -> None:
    alone = inclusion(0, 1)
    verify_inclusion(ENTRIES[0], alone)
    with pytest.raises(RefusedError, match="place 1 in a tree of 1"):
        verify_inclusion(ENTRIES[0], replace(alone, index=1))


def test_a_proof_longer_than_the_tree_is_refused_even_where_the_hashes_agree() -> None:
    above = hashlib.sha256(b"\x01" + b"x" * 32 + LEAVES[0]).digest()
    longer = Inclusion(index=0, tree_size=1, root=above, path=(b"x" * 32,))
    with pytest.raises(RefusedError, match="too long"):
        verify_inclusion(ENTRIES[0], longer)
