"""Finds the governed projects of a commit: the folders that have an aigf.yaml."""

from aigf_dvc.errors import UndecidedError
from aigf_dvc.git.objects import TREE, GitObjects
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.trees.snapshot import MAX_DEPTH

_NAME = FILE_NAME.encode()
_FEW = 8  # so few are read one by one as fast


class ProjectFolders:
    """The governed projects of many commits: what trees share is looked at once."""

    def __init__(self, objects: GitObjects) -> None:
        """Look into one repository."""
        self._objects = objects
        self._known: dict[str, tuple[str, ...]] = {}  # by tree

    def of(self, commit: str) -> tuple[str, ...]:
        """Return the folder of each aigf.yaml in a commit; empty for the top.

        Raises:
            UndecidedError: a tree cannot be read, or is too deep.
        """
        top = self._objects.commit_tree(commit)
        self._read_trees(top)
        return self._below(top, 0)

    def _read_trees(self, top: str) -> None:
        """Read all trees that are not known, those of one depth with one question to git."""
        seen = set(self._known)
        level = {top} - seen
        for _ in range(MAX_DEPTH):
            if len(level) > _FEW:
                self._objects.read_ahead(level)
            seen |= level
            entries = (entry for tree in level for entry in self._objects.tree(tree))
            level = {entry.object_id for entry in entries if entry.mode == TREE} - seen

    def _below(self, tree: str, depth: int) -> tuple[str, ...]:
        if tree not in self._known:
            if depth > MAX_DEPTH:
                raise UndecidedError("folders within folders", expected=f"at most {MAX_DEPTH}")
            found = []
            for entry in self._objects.tree(tree):
                if entry.mode == TREE:
                    name = entry.name.decode(errors="surrogateescape")
                    below = self._below(entry.object_id, depth + 1)
                    found += [f"{name}/{path}" if path else name for path in below]
                elif entry.name == _NAME:
                    found.append("")
            self._known[tree] = tuple(found)
        return self._known[tree]
