"""Tells which protected branches contain a commit.

Where the repository has a remote, only the branches that it is known to have count: a local branch
is what its owner says, and another remote could be a fork of theirs. Which names are protected says
the main branch, so that a commit cannot protect its own branch.
"""

from fnmatch import fnmatchcase

from msgspec.structs import replace

from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.settings import DEFAULT_PROTECTED
from aigf_dvc.trees.commit_snapshot import CommitSnapshot

_LOCAL = "refs/heads/"
_MAIN = ("HEAD", "main", "master")


def with_protected_branches(
    evidence: ModelEvidence, project: Project, objects: GitObjects, commit: str
) -> ModelEvidence:
    """Return the evidence with the protected branches that contain its commit.

    Raises:
        InputError, UndecidedError: aigf.yaml of the main branch cannot be read.
    """
    known = evidence.commit or Commit(sha=commit)
    found = protected_branches(project, objects, commit)
    return replace(evidence, commit=replace(known, protected=found))


def protected_branches(project: Project, objects: GitObjects, commit: str) -> tuple[str, ...]:
    """Return the protected branches that contain a commit; of a remote with its name.

    Raises:
        InputError, UndecidedError: aigf.yaml of the main branch cannot be read.
    """
    folder = _folder(project)
    if folder is None:
        return ()
    patterns = _patterns(project, objects, folder)
    listed = program.git(
        project.repository, "for-each-ref", "--contains", commit, "--format=%(refname)", folder
    )
    refs = filter(None, listed.decode(errors="surrogateescape").split("\n"))
    branches = (ref.removeprefix(folder) for ref in refs)
    shown = "" if folder == _LOCAL else folder.removeprefix("refs/remotes/")
    return tuple(
        f"{shown}{name}"
        for name in branches
        if name != "HEAD" and any(fnmatchcase(name, pattern) for pattern in patterns)
    )


def _folder(project: Project) -> str | None:
    """Return where the branches are that count; None: of several remotes none is the origin."""
    remotes = program.git(project.repository, "remote").decode(errors="surrogateescape").split()
    if not remotes:
        return _LOCAL
    if "origin" in remotes:
        return "refs/remotes/origin/"
    return f"refs/remotes/{remotes[0]}/" if len(remotes) == 1 else None


def _patterns(project: Project, objects: GitObjects, folder: str) -> tuple[str, ...]:
    for name in _MAIN if folder != _LOCAL else _MAIN[1:]:
        arguments = ("rev-parse", "--verify", "--quiet", f"{folder}{name}^{{commit}}")
        found = program.attempt(project.repository, *arguments)
        if found.returncode == 0:
            base = found.stdout.decode().strip()
            snapshot = CommitSnapshot(objects, base, prefix=project.prefix)
            try:
                return load_settings(snapshot).protected
            except InputError:
                if snapshot.is_in_git("aigf.yaml"):
                    raise
                break  # the project is new
    return DEFAULT_PROTECTED
