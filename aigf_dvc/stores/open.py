"""Opens a store by what people write after `--from` and `--to`."""

from pathlib import Path

from aigf_dvc.errors import InputError
from aigf_dvc.git import program
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.git_ref import GitRefStore
from aigf_dvc.stores.layout import Store


def open_store(text: str) -> Store:
    """Open `git`, `git:PATH` (the ref of a repository), a folder, or a URL.

    `oci://HOST/REPOSITORY` is a registry; `s3://`, `gs://` and their like are object stores.

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
        from aigf_dvc.stores.object_store import open_object_store

        return open_object_store(text)
    return FolderStore(Path(text))
