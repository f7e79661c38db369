"""The SHA-256 of recorded paths in many commits: each file of git and each aigf.lock read once."""

from aigf_dvc.capture.contents import GitContent, git_content
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.digest_lock import FILE_NAME, DigestLock, read_digest_lock
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.trees.commit_snapshot import CommitSnapshot, Stands


class KnownDigests:
    """What git and aigf.lock tell of recorded paths; what cannot be read tells nothing."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._contents: dict[Stands, GitContent | None] = {}
        self._locks: dict[Stands, DigestLock] = {}

    def sha256(self, snapshot: CommitSnapshot, recorded: Recorded) -> Sha256 | None:
        """Return the SHA-256 of a recorded path, or None when it is not known."""
        content = self._content(snapshot, recorded.path)
        if content is not None and content.matches(recorded):
            return content.sha256
        return self._lock(snapshot).sha256(recorded.value, recorded.size)

    def _content(self, snapshot: CommitSnapshot, path: str) -> GitContent | None:
        stands = snapshot.stands[path]
        if stands is None:
            return None
        if stands not in self._contents:
            try:
                self._contents[stands] = git_content(snapshot, path)
            except AigfError:  # such as a link that leads out
                self._contents[stands] = None
        return self._contents[stands]

    def _lock(self, snapshot: CommitSnapshot) -> DigestLock:
        stands = snapshot.stands[FILE_NAME]
        if stands not in self._locks:
            try:
                self._locks[stands] = read_digest_lock(snapshot.read(FILE_NAME))
            except AigfError:
                self._locks[stands] = DigestLock()
        return self._locks[stands]
