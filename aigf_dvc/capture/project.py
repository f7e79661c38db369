"""Finds a project: its folder, its repository, and its aigf.yaml."""

import os
from pathlib import Path

from msgspec import Struct

from aigf_dvc.errors import InputError
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.settings import FILE_NAME, Settings, read_settings
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.snapshot import Snapshot
from aigf_dvc.trees.working_tree import WorkingTree


class Project(Struct, frozen=True, kw_only=True):
    """A DVC project in a git repository."""

    root: Path  # the folder with aigf.yaml and dvc.yaml
    repository: Path  # the top of the git work tree
    prefix: str  # root, relative to the repository; empty when they are one

    def snapshot(self, objects: GitObjects, revision: str | None) -> Snapshot:
        """Return a commit's snapshot, or the working tree's when no revision is given."""
        if revision is None:
            return WorkingTree(self.root)
        commit = program.resolve_commit(self.repository, revision)
        return CommitSnapshot(objects, commit, prefix=self.prefix)


def find_project(start: Path) -> Project:
    """Find the project that a folder is in: the nearest one upwards with `.dvc` or aigf.yaml.

    Raises:
        InputError: no git repository, or no DVC project in it.
    """
    repository = Path(os.path.realpath(program.work_tree(start)))
    folder = Path(os.path.realpath(start))
    while folder.is_relative_to(repository):
        if (folder / ".dvc").is_dir() or (folder / FILE_NAME).is_file():
            prefix = folder.relative_to(repository).as_posix()
            return Project(
                root=folder, repository=repository, prefix="" if prefix == "." else prefix
            )
        folder = folder.parent
    raise InputError(
        "not a DVC project",
        where=str(start),
        expected="a `.dvc` folder here or above, inside the git repository",
        hint="run `dvc init` first, or go to the project's folder",
    )


def load_settings(snapshot: Snapshot) -> Settings:
    """Read aigf.yaml of a snapshot.

    Raises:
        InputError: it is not there, or cannot be read.
    """
    data = snapshot.read(FILE_NAME)
    if data is None:
        where = f"commit {snapshot.commit[:12]}" if snapshot.commit else "the project's folder"
        raise InputError(
            f"no {FILE_NAME}",
            where=where,
            expected="the file that names the governed models",
            hint="run `aigf init`" + (" and commit what it wrote" if snapshot.commit else ""),
        )
    return read_settings(data)
