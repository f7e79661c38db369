"""Finds the policy that a command line names: a file, a file of a commit, or a project's own."""

import posixpath
from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.capture.policy import folder_policy, read_snapshot_policy, snapshot_policy
from aigf_dvc.capture.project import find_project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.model import Policy
from aigf_dvc.trees.commit_snapshot import CommitSnapshot

WORKTREE = "WORKTREE"


def policy_of_text(text: str, start: Path) -> Policy:
    """Read a policy by what a person calls it.

    Args:
        text: a file, or `REV:PATH` as git has it, with a path from the repository's top.
        start: the folder that the person is in.

    Raises:
        InputError: no such file or commit, or the policy is not valid.
        UndecidedError: a file of it cannot be read.
    """
    revision, colon, path = text.partition(":")
    if (start / text).is_file() or not (colon and revision):
        return folder_policy(read_file(Path(text)), Path(text))
    with GitObjects(program.work_tree(start)) as objects:
        commit = program.resolve_commit(start, revision)
        snapshot = CommitSnapshot(objects, commit)
        data = snapshot.read(posixpath.normpath(path)) if path else None
        if data is None:
            raise InputError(
                f"no file {path!r} in the commit {revision!r}",
                expected="REV:PATH, with the path from the top of the repository",
            )
        return snapshot_policy(data, snapshot, path, label=text)


def policy_of_project(revision: str | None, start: Path) -> Policy:
    """Read the policy that the project's aigf.yaml names.

    Args:
        revision: of the project; None or `WORKTREE` for its files as they are.
        start: a folder of the project.

    Raises:
        InputError: no project, commit or policy, or it is not valid.
        UndecidedError: a file of it cannot be read.
    """
    project = find_project(start)
    revision = None if revision == WORKTREE else revision
    with GitObjects(project.repository) as objects:
        snapshot = project.snapshot(objects, revision)
        settings = load_settings(snapshot)
        label = f"{revision}:{settings.policy}" if revision else settings.policy
        return read_snapshot_policy(snapshot, settings.policy, label=label)
