"""What was in the folders that git keeps and DVC only hashes, in every version that a history has.

DVC keeps no list of such a folder's files. Its hash tells which version of it a run has read, and
that can be another one than the commit of the record has.
"""

from collections.abc import Iterator, Sequence

from aigf_dvc.capture.dvc_ignore import DvcIgnore
from aigf_dvc.capture.project import Project
from aigf_dvc.digests import dvc_directory, md5, md5_dos2unix, sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.pipeline import Recorded, RecordedFile
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.trees.commit_snapshot import CommitSnapshot

_LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}
_SPELLINGS = (md5, md5_dos2unix)  # DVC 3's, DVC 2's


class GitFolders:
    """The versions of a project's folders, by DVC's hash; each folder is read when asked for."""

    def __init__(self, project: Project, objects: GitObjects, revisions: Sequence[str]) -> None:
        """Look through the commits that revisions reach.

        Args:
            project: where.
            objects: its repository.
            revisions: as `git rev-list` takes them.
        """
        self._project = project
        self._objects = objects
        self._revisions = revisions
        self._versions: dict[str, dict[str, tuple[RecordedFile, ...]]] = {}  # path -> hash -> files

    def files(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded folder, or None when no commit has that version of it.

        Raises:
            UndecidedError: git refused.
        """
        path = recorded.path
        if is_outside(path) or not recorded.is_directory or not recorded.names_bytes:
            return None
        if path not in self._versions:
            self._versions[path] = dict(self._read(path))
        return self._versions[path].get(recorded.value)

    def _read(self, path: str) -> Iterator[tuple[str, tuple[RecordedFile, ...]]]:
        """Yield hash and files of every version; what cannot be read tells nothing."""
        seen = set()
        for commit in self._commits(path):
            try:
                snapshot = CommitSnapshot(self._objects, commit, prefix=self._project.prefix)
                stands = snapshot.stands[path]
                if stands is not None and stands not in seen:
                    seen.add(stands)
                    yield from _spelt(snapshot, path)
            except AigfError:
                continue

    def _commits(self, path: str) -> list[str]:
        inside = f"{self._project.prefix}/{path}".removeprefix("/")
        listed = program.git(
            self._project.repository,
            "rev-list", "--full-history", *self._revisions, "--", inside, extra=_LITERAL,
        )  # fmt: skip
        return listed.decode().split()


def _spelt(snapshot: CommitSnapshot, path: str) -> Iterator[tuple[str, tuple[RecordedFile, ...]]]:
    hides = DvcIgnore(snapshot).hides
    names = [name for name in snapshot.files(path) if not hides(name)]
    contents = [(name[len(path) + 1 :], snapshot.read(name) or b"") for name in names]
    for spelling in _SPELLINGS:
        files = tuple(
            RecordedFile(name=name, md5=spelling(data), sha256=sha256(data))
            for name, data in contents
        )
        yield dvc_directory((file.name, file.md5) for file in files), files
