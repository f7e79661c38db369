import json
from pathlib import Path

import pytest

from aigf_dvc.actions.copy_store import copy_store
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored
from tests.playground import Playground, run

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
    said = json.loads(playground.aigf("push", "--to", store, "--format", "json").stdout)
    assert said == {"to": store, "attestations": 1}
    clone = playground.clone(tmp_path / "clone")
    (tmp_path / "store" / sha256(b"x")).mkdir()
    (tmp_path / "store" / sha256(b"x") / f"{'0' * 64}{BUNDLE}").write_bytes(b"damaged")
    pulled = json.loads(clone.aigf("pull", "--from", store, "--format", "json").stdout)
    assert (pulled["from"], pulled["attestations"]) == (store, 1)
    assert pulled["files"] >= 1
    assert pulled["leftOut"] == [f"{sha256(b'x')}/{'0' * 64}{BUNDLE}"]
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


def test_a_remote_of_git_is_told_in_json_without_its_secrets(
    playground: Playground, tmp_path: Path
) -> None:
    key = str(tmp_path / "the.key")
    playground.aigf("key", "generate", key, "--no-passphrase")
    playground.aigf("attest", "--key", key)
    run(["git", "init", "--quiet", "--bare", str(tmp_path / "remote.git")], tmp_path)
    remote = f"file://ann:s3cret@localhost{tmp_path}/remote.git"
    playground.git("config", f"url.{tmp_path}/remote.git.insteadOf", remote)
    for command, found in (
        ("push", {"to": f"file://localhost{tmp_path}/remote.git"}),
        ("pull", {"from": f"file://localhost{tmp_path}/remote.git", "files": 0, "leftOut": []}),
    ):
        said = playground.aigf(command, remote, "--format", "json")
        assert said.returncode == 0, said.stderr
        assert json.loads(said.stdout) == found | {"attestations": 1}
        assert "s3cret" not in said.stderr
        assert "s3cret" not in playground.aigf(command, remote).stderr
