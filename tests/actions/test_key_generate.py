"""A new key is its owner's alone, overwrites nothing and cannot slip into git."""

import os
import stat
from pathlib import Path

import pytest

from aigf_dvc.actions.key_generate import generate, public_key_path
from aigf_dvc.errors import InputError
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.private_keys import load_private_key
from tests.playground import Playground


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("passphrase", [None, b"correct horse"])
def test_a_key_pair_is_written_and_belongs_together(
    tmp_path: Path, passphrase: bytes | None
) -> None:
    old = os.umask(0)
    try:
        name = generate(tmp_path / "release.key", passphrase=passphrase)
    finally:
        os.umask(old)
    key, public = tmp_path / "release.key", tmp_path / "release.pub"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    private = load_private_key(key.read_bytes(), passphrase, where="key")
    assert fingerprint(private.public_key()) == name
    assert fingerprint(load_public_key(public.read_bytes(), where="pub")) == name


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", ["release.key", "release.pub"])
def test_a_file_or_dangling_link_in_the_way_is_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "nothing")
    with pytest.raises(InputError, match="already there"):
        generate(tmp_path / "release.key", passphrase=None)
    assert not (tmp_path / "nothing").exists()


def test_a_place_from_which_git_would_take_the_key_is_refused(playground: Playground) -> None:
    with pytest.raises(InputError, match="inside a git repository"):
        generate(playground.root / "release.key", passphrase=None)
    assert playground.git("status", "--short") == ""
    generate(playground.root / "models/release.key", passphrase=None)  # ignored by git


@pytest.mark.usefixtures("home")
def test_a_folder_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    generate(tmp_path / "new/release.key", passphrase=None)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "public"), [("a.key", "a.pub"), ("a.pem", "a.pub"), ("a", "a.pub"), ("a.b", "a.b.pub")]
)
def test_the_public_key_lies_beside_the_private_one(name: str, public: str) -> None:
    assert public_key_path(Path(name)) == Path(public)


def test_a_refused_place_leaves_no_new_folder(playground: Playground) -> None:
    done = playground.aigf("key", "generate", "keys/new/release.key", "--no-passphrase")
    assert done.returncode == 2
    assert not (playground.root / "keys").exists()
