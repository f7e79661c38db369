"""Opens a store by what people write after `--from` and `--to`."""

from pathlib import Path

from aigf_dvc.errors import InputError
from aigf_dvc.git import program
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.git_ref import GitRefStore
from aigf_dvc.stores.layout import Store


def open_store(text: str) -> Store:
    """Open `git`, `git:PATH` (the ref of a repository), a folder, or `oci://HOST/REPOSITORY`.

    Raises:
        InputError: none of these.
    """
    kind, colon, path = text.partition(":")
    if text == "git" or (kind == "git" and colon and "//" not in path):
        repository = Path(path or ".")
        if not repository.is_dir():
            raise InputError("no such folder", where=text, expected="`git:PATH` of a repository")
        program.git(repository, "rev-parse", "--git-dir")
        return GitRefStore(repository)
    if text.startswith("oci://"):
        from aigf_dvc.stores.oci import open_oci

        return open_oci(text)
    if "://" in text:
        raise InputError(
            f"the store {text!r}", expected="`git`, `git:PATH`, a folder, or oci://HOST/REPOSITORY",
            hint="fetch it first: `aigf pull` brings a remote's attestations here",
        )  # fmt: skip
    return FolderStore(Path(text))
