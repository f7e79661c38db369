"""Make a signing key."""

import os
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.errors import InputError
from aigf_dvc.git import program
from aigf_dvc.signing.key_kinds import DEFAULT
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.private_keys import generate_key


def generate(path: Path, *, passphrase: bytes | None, kind: str = DEFAULT) -> str:
    """Write a new private key, readable by its owner only, and its public key beside it.

    Args:
        path: of the private key; the public one gets `.pub` in place of its ending.
        passphrase: encrypts the private key; None leaves it plain.
        kind: `p256`, `p384`, `p521` or `ed25519`.

    Returns:
        The key's fingerprint.

    Raises:
        InputError: one of the files is there already, or git would take the private key.
        OSError: the folder cannot be made.
    """
    public_path = public_key_path(path)
    for file in (path, public_path):
        if os.path.lexists(file):
            raise InputError("already there", where=str(file), expected="a new file")
    _refuse_in_git(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private, public = generate_key(passphrase, kind=kind)
    write_atomically(path, private, mode=0o600)
    write_atomically(public_path, public, mode=0o644)
    return fingerprint(load_public_key(public, where=str(public_path)))


def public_key_path(path: Path) -> Path:
    """Return where the public key of a private one lies."""
    return path.with_suffix(".pub") if path.suffix in (".key", ".pem") else Path(f"{path}.pub")


def _refuse_in_git(path: Path) -> None:
    """Refuse a place from which `git add` would take the private key."""
    folder = path.parent.resolve()
    while not folder.is_dir():
        folder = folder.parent
    if program.attempt(folder, "rev-parse", "--is-inside-work-tree").returncode:
        return
    ignored = program.attempt(
        folder, "check-ignore", "--quiet", "--no-index", "--", str(path.resolve())
    )
    if ignored.returncode != 0:
        raise InputError(
            "a place inside a git repository",
            where=str(path),
            expected="a place from which a private key cannot be committed",
            hint="choose a folder outside the repository, such as ~/keys, or add it to .gitignore",
        )
