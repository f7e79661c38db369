"""Who wrote what a model is made of: the addresses in git of all who changed a file of it.

All of the history counts, not what is new since some tag or branch: who can move a tag could
else write themselves out of it. git does not prove an address; a signature does.
"""

import posixpath
from collections.abc import Iterable
from pathlib import Path

from aigf_dvc.capture.former_names import with_other_names
from aigf_dvc.capture.history import is_shallow
from aigf_dvc.capture.project import Project
from aigf_dvc.evidence.mailmap import with_aliases
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.git import program
from aigf_dvc.lazy_pattern import lazy_pattern

_COMMIT = "%x00%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)"
_TRAILER = lazy_pattern(r"<([^<>\s]+)>")
_LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}


def made_of(
    pipeline: Pipeline, stages: Iterable[str], others: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the files in git that say how a model is made, relative to the project; sorted.

    Args:
        pipeline: the project's.
        stages: those that the model depends on.
        others: more files that speak of the model: its card, its documents.
    """
    made = pipeline.producers()
    found = {*pipeline.definitions, *pipeline.lock_files, *others}
    for address in stages:
        stage = pipeline.stages[address]
        reads = {path for path in stage.deps if path not in made}
        found |= {stage.file, *stage.parameters, *reads, *(f"{path}.dvc" for path in reads)}
    return tuple(sorted(path for path in found if path and "://" not in path))


def authors_of(project: Project, commit: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses of all who wrote, committed or co-wrote a change to some files.

    A merge counts for whoever changed something in it that neither side had. What the commit's
    mailmap says belongs to one of them is theirs as well.

    Returns:
        The addresses, folded and sorted; none when the history is not all here.

    Raises:
        UndecidedError: git refused.
    """
    repository = project.repository
    wanted = [inside for path in paths if (inside := _in_repository(project, path))]
    if not wanted or is_shallow(repository):
        return ()
    wanted = list(with_other_names(repository, commit, wanted))
    commits = program.git(
        repository, "rev-list", "--full-history", commit, "--", *wanted, extra=_LITERAL
    )
    changes = program.git(
        repository, "diff-tree", "--stdin", "-r", "-c", "--root", "--no-renames", "--name-only",
        f"--format={_COMMIT}", "--", *wanted, data=commits, extra=_LITERAL,
    )  # fmt: skip
    found: set[str] = set()
    for change in changes.decode(errors="replace").split("\0")[1:]:
        head, _, names = change.partition("\n\n")
        if names.strip():  # a clean merge changes nothing of its own
            author, committer, *trailers = head.split("\n")
            found |= {author, committer, *_TRAILER.findall("\n".join(trailers))}
    return with_aliases(found, _mailmap(repository, commit)) if found else ()


def _in_repository(project: Project, path: str) -> str:
    """Return a path relative to the repository's top; empty when it lies outside."""
    inside = posixpath.normpath(posixpath.join(project.prefix, path))
    return "" if inside.startswith(("../", "/")) or inside in (".", "..") else inside


def _mailmap(repository: Path, commit: str) -> str:
    found = program.attempt(repository, "cat-file", "blob", f"{commit}:.mailmap")
    return found.stdout.decode(errors="replace") if found.returncode == 0 else ""
