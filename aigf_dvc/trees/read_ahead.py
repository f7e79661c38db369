"""Reads many commits' trees and files with a few questions to git, before they are asked for.

It only saves waiting: what is missing or damaged is passed over here, and said by whoever reads it.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from aigf_dvc.errors import AigfError
from aigf_dvc.git.objects import SUBMODULE, GitObjects, TreeEntry
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.snapshot import MAX_DEPTH

_NAMES = (b".dvc", b"dvc.yaml", b"dvc.lock", b".dvcignore")
_FEW = 8  # so few are read one by one as fast


def is_for_dvc(name: bytes) -> bool:
    """Tell whether DVC looks for a file of this name: its own files, and `.dvcignore`."""
    return name.endswith(_NAMES) and (name in _NAMES or name.endswith(b".dvc")) and name != b".dvc"


class ReadAhead:
    """What was read ahead of one project, and need not be again."""

    def __init__(self, objects: GitObjects, prefix: str) -> None:
        """Read a project of a repository, in a folder of it; empty for its top."""
        self._objects = objects
        self._prefix = prefix
        self._trees: set[str] = set()
        self._entries: set[TreeEntry] = set()
        self._files: set[str] = set()

    def read(self, commits: Sequence[str], names: Collection[bytes]) -> dict[str, CommitSnapshot]:
        """Read what is new in some commits: every tree, DVC's files, and the files of some names.

        Args:
            commits: their full ids.
            names: of files in any folder, without the folder.

        Returns:
            The commits that could be opened, by id.
        """
        self._ask(commits)
        if self._prefix:  # else the folders below are read from there anyway
            self._ask_roots(commits)
        snapshots = {}
        for commit in commits:
            with suppress(AigfError):
                snapshots[commit] = CommitSnapshot(self._objects, commit, prefix=self._prefix)
        files: set[str] = set()
        for entry in self._below({snapshot.tree for snapshot in snapshots.values()}):
            if entry.name in names or is_for_dvc(entry.name):
                files.add(entry.object_id)
        self._ask(files - self._files)
        self._files |= files
        return snapshots

    def _ask_roots(self, commits: Sequence[str]) -> None:
        roots = []
        for commit in commits:
            with suppress(AigfError):
                roots.append(self._objects.commit_tree(commit))
        self._ask(roots)

    def _below(self, level: set[str]) -> Iterator[TreeEntry]:
        """Yield every new entry of the trees below some, but for trees."""
        for _ in range(MAX_DEPTH):
            level -= self._trees
            if not level:
                return
            self._ask(level)
            self._trees |= level
            new: set[TreeEntry] = set()
            for tree in level:
                with suppress(AigfError):
                    new.update(self._objects.tree(tree))
            new -= self._entries
            self._entries |= new
            level = {entry.object_id for entry in new if entry.is_tree}
            yield from (entry for entry in new if not entry.is_tree and entry.mode != SUBMODULE)

    def _ask(self, object_ids: Collection[str]) -> None:
        if len(object_ids) > _FEW:
            self._objects.read_ahead(object_ids)
