"""The branches and tags of a repository, by the commit that each names."""

from collections.abc import Mapping
from pathlib import Path

from aigf_dvc.git import program

TAGS = "refs/tags"
NAMED = ("refs/heads", TAGS, "refs/remotes")


def refs_by_commit(repository: Path, folders: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return the refs below some folders, such as `refs/tags`, by commit; tags are peeled.

    Raises:
        UndecidedError: git refused.
    """
    form = "--format=%(objectname) %(*objectname) %(refname)"
    listed = program.git(repository, "for-each-ref", form, *folders)
    found: dict[str, list[str]] = {}
    for line in listed.decode(errors="replace").splitlines():
        own, peeled, name = line.split(" ", 2)
        found.setdefault(peeled or own, []).append(name)
    return {commit: tuple(sorted(names)) for commit, names in found.items()}


def short_ref(name: str) -> str:
    """Return a ref's name as people say it."""
    for folder in ("refs/heads/", "refs/tags/", "refs/remotes/"):
        if name.startswith(folder):
            return name.removeprefix(folder)
    return name
