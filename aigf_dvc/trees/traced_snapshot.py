"""A commit's snapshot that notes what was looked at, so that an answer can be known again."""

from collections.abc import Mapping

from aigf_dvc.digests import Sha256
from aigf_dvc.trees.commit_snapshot import CommitSnapshot, Stands
from aigf_dvc.trees.snapshot import Kind

Trace = Mapping[str, Stands]
"""What stood at each path that was looked at."""


class TracedSnapshot:
    """Another snapshot, read through; `trace` is what an answer made from it depends on."""

    def __init__(self, snapshot: CommitSnapshot, names: tuple[str, ...] | None = None) -> None:
        """Read through a commit's snapshot.

        Args:
            snapshot: the commit's.
            names: the files to list where all are asked for; then the list is not noted, as the
                caller knows it. None: all that there are.
        """
        self._snapshot = snapshot
        self._names = names
        self.trace: dict[str, Stands] = {}

    @property
    def commit(self) -> str | None:
        """The commit."""
        return self._snapshot.commit

    def kind(self, path: str) -> Kind:
        """Return what stands at a path."""
        self.note(path)
        return self._snapshot.kind(path)

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when nothing is there."""
        self.note(path)
        return self._snapshot.read(path)

    def target(self, path: str) -> str:
        """Return where a symbolic link leads."""
        self.note(path)
        return self._snapshot.target(path)

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return every file below a folder; sorted."""
        if not folder and self._names is not None:
            return self._names
        self.note(folder)
        return self._snapshot.files(folder)

    def is_in_git(self, path: str) -> bool:
        """Tell whether the commit has a file."""
        self.note(path)
        return self._snapshot.is_in_git(path)

    def tree_digest(self) -> Sha256:
        """Return the digest of the project's files in this commit."""
        self.note("")
        return self._snapshot.tree_digest()

    def note(self, path: str) -> Stands:
        """Note that a path is looked at; return what stands there."""
        if path not in self.trace:
            self.trace[path] = self._snapshot.stands[path]
        return self.trace[path]


def is_same(snapshot: CommitSnapshot, trace: Trace) -> bool:
    """Tell whether everything that was looked at stands there in this snapshot too."""
    return tuple(map(snapshot.stands.__getitem__, trace)) == tuple(trace.values())
