from pathlib import Path

import pytest

from aigf_dvc.actions.copy_store import copy_store
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored
from tests.playground import Playground

MODEL = sha256(b"model")
ITEMS = (
    Stored(model=MODEL, ending=BUNDLE, data=b"one"),
    Stored(model=MODEL, ending=EVIDENCE, data=b"two"),
    Stored(model=sha256(b"other"), ending=BUNDLE, data=b"three"),
)


def test_everything_is_copied_and_what_is_damaged_is_named(tmp_path: Path) -> None:
    source, target = FolderStore(tmp_path / "a"), FolderStore(tmp_path / "b")
    source.add(ITEMS)
    bad = f"{MODEL}/{'0' * 64}{BUNDLE}"
    (tmp_path / "a" / bad).write_bytes(b"other bytes")
    copied = copy_store(source, target)
    assert (copied.files, copied.bundles, copied.unreadable) == (3, 2, (bad,))
    assert set(target.all()) == set(ITEMS)
    assert copy_store(source, target) == copied


def test_an_empty_store_has_nothing_to_copy(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match="no attestations"):
        copy_store(FolderStore(tmp_path / "a"), FolderStore(tmp_path / "b"))


def test_push_and_pull_go_through_another_store(playground: Playground, tmp_path: Path) -> None:
    key = str(tmp_path / "the.key")
    playground.aigf("key", "generate", key, "--no-passphrase")
    assert playground.aigf("attest", "--key", key).returncode == 0
    store = f"file://{tmp_path}/store"
    sent = playground.aigf("push", "--to", store)
    assert sent.returncode == 0, sent.stderr
    assert "1 attestation of ours" in sent.stderr
    clone = playground.clone(tmp_path / "clone")
    assert clone.aigf("pull", "--from", store).returncode == 0
    asked = playground.aigf(
        "verify", "models/model.bin", "--from", f"git:{clone.root}", "--any-policy",
        "--key", str(tmp_path / "the.pub"),
    )  # fmt: skip
    assert asked.returncode == 0, asked.stdout
    direct = playground.aigf(
        "verify", "models/model.bin", "--from", store, "--any-policy",
        "--key", str(tmp_path / "the.pub"),
    )  # fmt: skip
    assert direct.returncode == 0, direct.stdout
