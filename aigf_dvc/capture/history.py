"""Reads the pipeline of every commit of a history from git objects, without a checkout.

What a commit shares with one that was read before is not read again: files of DVC, entries of
dvc.lock, and the edges of a stage whose records, code and parameters are the same.
"""

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from aigf_dvc.capture.lock_entries import LockEntries
from aigf_dvc.capture.pipeline import is_dvc_file, load, read_records
from aigf_dvc.capture.stage_edges import StageEdges
from aigf_dvc.errors import AigfError, InputError, UndecidedError
from aigf_dvc.evidence.dvc_lock import read_lock, read_locked_datasets
from aigf_dvc.evidence.lineage import Edge
from aigf_dvc.evidence.pipeline import Pipeline, Recorded, StageLock
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects, TreeEntry
from aigf_dvc.trees.commit_snapshot import CommitSnapshot, Stands
from aigf_dvc.trees.read_ahead import ReadAhead, is_for_dvc
from aigf_dvc.trees.snapshot import MAX_DEPTH
from aigf_dvc.trees.traced_snapshot import Trace, TracedSnapshot, is_same

ALL_REFS = ("--exclude=refs/aigf/*", "--exclude=refs/notes/*", "--all")
"""Every ref but those that hold no code."""

_ALTERNATIVES = 8  # histories with branches swing between a few states
_MOST_FILES = 100_000
_MOST_LOCKS = 64  # most commits have the lock files of the one before
_WINDOW = 1024  # commits that are read at once
_OURS = (b"aigf.yaml", b"aigf.lock")


class Commit(Struct, frozen=True, kw_only=True):
    """One commit of a history."""

    id: str
    time_s: int  # when it was committed, as it says: seconds since 1970, UTC


class Reading(Struct, frozen=True, kw_only=True):
    """What DVC's files say in one commit."""

    commit: Commit
    snapshot: CommitSnapshot | None  # None: the commit has no such folder
    pipeline: Pipeline | None = None  # None: no pipeline there, or it cannot be read
    problem: AigfError | None = None  # why it cannot be read


def list_commits(
    repository: Path, revisions: Sequence[str], *, first_parent: bool
) -> tuple[Commit, ...]:
    """Return the commits that revisions reach, newest first.

    Args:
        repository: a folder in the repository.
        revisions: full ids of commits, or `ALL_REFS`.
        first_parent: follow the first parent of a merge only.

    Raises:
        UndecidedError: git refused.
    """
    options = ("--first-parent",) if first_parent else ()
    listed = program.git(repository, "rev-list", "--format=%H %ct", *options, *revisions, "--")
    lines = (line.split(" ") for line in listed.decode().splitlines())
    return tuple(
        Commit(id=line[0], time_s=int(line[1] or 0)) for line in lines if line[0] != "commit"
    )


def is_shallow(repository: Path) -> bool:
    """Tell whether the repository was cloned without the beginning of its history."""
    return program.git(repository, "rev-parse", "--is-shallow-repository").strip() == b"true"


class _Known(Struct, frozen=True, kw_only=True):
    """A pipeline that was read, and what it was read from beside its lock files."""

    pipeline: Pipeline
    trace: Trace
    by_locks: dict[tuple[Stands, ...], Pipeline]  # the same with the records of other lock files

    @property
    def names(self) -> Iterator[bytes]:
        """The names of the files that tell whether records are true: parameters, code, outputs."""
        for stage in self.pipeline.stages.values():
            kept = (out.path for out in stage.outs if not out.cached)
            for path in (*stage.deps, *stage.parameters, *kept):
                yield path.rpartition("/")[2].encode(errors="replace")


class History:
    """The commits of one project, read one after the other; what was read once is remembered."""

    def __init__(self, objects: GitObjects, *, prefix: str = "") -> None:
        """Read a project of a repository.

        Args:
            objects: the repository.
            prefix: the project's folder in it, empty for its top.
        """
        self._objects = objects
        self._prefix = prefix
        self._listings: dict[str, tuple[str, ...]] = {}  # by tree
        self._listed: dict[TreeEntry, tuple[str, ...]] = {}  # what an entry adds to a listing
        self._known: dict[tuple[str, ...], list[_Known]] = {}  # by the names of DVC's files
        self._entries = LockEntries()
        self._edges = StageEdges()
        self._ahead = ReadAhead(objects, prefix)

    def read(self, commit: Commit) -> Reading:
        """Return what DVC's files say in a commit; a damaged commit is said, never passed over."""
        try:
            snapshot = CommitSnapshot(self._objects, commit.id, prefix=self._prefix)
        except InputError:  # the project was not there yet
            return Reading(commit=commit, snapshot=None)
        except AigfError as error:
            return Reading(commit=commit, snapshot=None, problem=error)
        return self._read(commit, snapshot)

    def read_all(self, commits: Sequence[Commit]) -> Iterator[Reading]:
        """Yield what DVC's files say in each commit; git is asked for many objects at once."""
        for start in range(0, len(commits), _WINDOW):
            window = commits[start : start + _WINDOW]
            self.read(window[0])  # tells the parameters and the code that the others have too
            names = {
                *_OURS,
                *(name for known in self._known.values() for k in known for name in k.names),
            }
            snapshots = self._ahead.read([commit.id for commit in window], names)
            for commit in window:
                snapshot = snapshots.get(commit.id)
                yield self.read(commit) if snapshot is None else self._read(commit, snapshot)

    def _read(self, commit: Commit, snapshot: CommitSnapshot) -> Reading:
        try:
            pipeline = self._pipeline(snapshot)
        except AigfError as error:
            return Reading(commit=commit, snapshot=snapshot, problem=error)
        return Reading(commit=commit, snapshot=snapshot, pipeline=pipeline)

    def edges(self, reading: Reading, address: str) -> tuple[Edge, ...]:
        """Return every edge of one stage of a commit, from records and git alone.

        Raises:
            UndecidedError: a file cannot be read.
        """
        if reading.snapshot is None or reading.pipeline is None:
            return ()
        return self._edges.of(reading.snapshot, reading.pipeline, address)

    def _pipeline(self, snapshot: CommitSnapshot) -> Pipeline | None:
        names = self._names(snapshot.tree)
        found = self._known.get(names)
        if found is None:
            if not any(is_dvc_file(posixpath.basename(name)) for name in names):
                return None
            found = self._known[names] = []
        for known in found:
            if is_same(snapshot, known.trace):
                return self._of_locks(snapshot, known)
        traced = TracedSnapshot(snapshot, names)
        pipeline = read_records(traced)
        locks = tuple(traced.trace.pop(file) for file in pipeline.lock_files)
        new = _Known(pipeline=pipeline, trace=traced.trace, by_locks={locks: pipeline})
        found[:] = [new, *found[: _ALTERNATIVES - 1]]
        return pipeline

    def _of_locks(self, snapshot: CommitSnapshot, known: _Known) -> Pipeline:
        """Return a known pipeline with the records of a commit; one object for the same records."""
        locks = tuple(snapshot.stands[file] for file in known.pipeline.lock_files)
        found = known.by_locks.get(locks)
        if found is None:
            if len(known.by_locks) > _MOST_LOCKS:
                known.by_locks.clear()
            found = known.by_locks[locks] = self._with_locks(snapshot, known.pipeline)
        return found

    def _with_locks(self, snapshot: CommitSnapshot, base: Pipeline) -> Pipeline:
        """Return a pipeline with the records of another commit's lock files."""
        locks: dict[str, StageLock] = {}
        datasets: dict[str, Recorded] = {}
        for file in base.lock_files:
            entries = self._entries.read(snapshot.read(file) or b"", file=file, stages=base.stages)
            if entries is None:
                value = load(snapshot, file)
                entries = read_lock(value, file=file, stages=base.stages)
                datasets |= read_locked_datasets(value, file=file)
            locks |= entries
        own = {file: base.locks[file] for file in base.dvc_files if file in base.locks}
        return Pipeline(
            stages=base.stages,
            locks=locks | own,
            tracked=base.tracked,
            definitions=base.definitions,
            lock_files=base.lock_files,
            dvc_files=base.dvc_files,
            imports=base.imports,
            datasets=datasets,
        )

    def _names(self, tree: str, depth: int = 0) -> tuple[str, ...]:
        """Return the paths of the files below a tree that DVC looks for; each tree is read once."""
        if tree not in self._listings:
            if depth > MAX_DEPTH:
                raise UndecidedError("folders within folders", expected=f"at most {MAX_DEPTH}")
            found: list[str] = []
            for entry in self._objects.tree(tree):
                names = self._listed.get(entry)
                if names is None:
                    names = self._listed[entry] = self._names_of(entry, depth)
                found += names
            if len(found) > _MOST_FILES:
                raise UndecidedError(f"{len(found)} files of DVC", expected="a project")
            self._listings[tree] = tuple(sorted(found))
        return self._listings[tree]

    def _names_of(self, entry: TreeEntry, depth: int) -> tuple[str, ...]:
        """Return what one entry of a tree adds to the names."""
        name = entry.name.decode(errors="replace")
        if not entry.is_tree:
            return (name,) if is_for_dvc(entry.name) else ()
        found = [f"{name}/{path}" for path in self._names(entry.object_id, depth + 1)]
        if entry.name == b".dvc" and self._objects.child(entry.object_id, b"config"):
            found.append(".dvc/config")  # a project of its own, when it is further down
        return tuple(found)
