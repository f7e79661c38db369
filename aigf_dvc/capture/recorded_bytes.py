"""Compares data with its record, when its bytes are here."""

from aigf_dvc.capture.contents import SAME_TEXT, Data
from aigf_dvc.capture.found import Found, mismatched, missing, recorded_only, verified
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.digest_lock import FILE_NAME, DigestLock, read_digest_lock
from aigf_dvc.evidence.lineage import Cause, EdgeState
from aigf_dvc.evidence.pipeline import LEGACY, NO_HASH, Recorded
from aigf_dvc.hashing.file_hashing import Hashed
from aigf_dvc.trees.snapshot import Snapshot

RECORDS_AGREE = recorded_only(Cause.NOT_HERE, "the records agree; the bytes were not read")


class RecordedBytes:
    """The bytes behind DVC's records, as far as they are here."""

    def __init__(self, snapshot: Snapshot, data: Data) -> None:
        self._snapshot = snapshot
        self._data = data
        self._digests: DigestLock | None = None

    def compare(self, recorded: Recorded, *, otherwise: Found, unread: Found) -> Found:
        """Compare data with its record.

        Args:
            recorded: the record.
            otherwise: what to return when the bytes are others.
            unread: what to return when they are not here.
        """
        if not recorded.names_bytes:
            # What the caller knows to be missing is not there, whatever a record could be held to.
            return unread if unread.state is EdgeState.MISSING else _unnamed(recorded)
        hashed = self._data.hash(recorded)
        if hashed is None:
            return unread
        if hashed.md5 == recorded.value:
            return self._same_md5(recorded, hashed)
        return _as_text(recorded, hashed) or otherwise

    def compare_lfs(self, recorded: Recorded, pointer: tuple[Sha256, int]) -> Found:
        """Compare a file of which git keeps a pointer: the SHA-256 and size of its bytes.

        Where the bytes are not here, aigf.lock may know which SHA-256 the recorded MD5 has.
        """
        digest, size = pointer
        changed = mismatched(Cause.CODE_CHANGED, "changed after the run (git LFS)")
        hashed = self._data.hash(recorded)
        known = self._known(recorded)
        if hashed is not None and hashed.sha256 == digest:
            same = hashed.md5 == recorded.value
            return self._same_md5(recorded, hashed) if same else changed
        if known == digest:
            return recorded_only(Cause.NOT_HERE, "git LFS has the bytes that aigf.lock knows")
        if known is not None or recorded.size not in (None, size):
            return changed
        return missing(
            Cause.NOT_HERE,
            "git LFS keeps its bytes: `git lfs pull`, then `aigf capture` writes them to aigf.lock",
        )

    def _known(self, recorded: Recorded) -> Sha256 | None:
        if self._digests is None:
            self._digests = read_digest_lock(self._snapshot.read(FILE_NAME))
        return self._digests.sha256(recorded.value, recorded.size)

    def _same_md5(self, recorded: Recorded, hashed: Hashed) -> Found:
        """Compare with the SHA-256 that was seen first: anyone can make two files of one MD5."""
        if self._known(recorded) in (None, hashed.sha256):
            return verified("the same bytes")
        return mismatched(
            Cause.DATA_CHANGED, f"other bytes with the same MD5: {FILE_NAME} knows the first"
        )


def _unnamed(recorded: Recorded) -> Found:
    """Say what a record is worth that names no bytes."""
    if recorded.algorithm == NO_HASH:
        return missing(Cause.NOT_RECORDED, "DVC recorded no hash of it: `dvc update` does")
    return recorded_only(
        Cause.NOT_HERE,
        f"a cloud's own {recorded.algorithm} is on record, which no bytes can be held to",
    )


def _as_text(recorded: Recorded, hashed: Hashed) -> Found | None:
    """Compare as DVC 2 did, whose hash of a text ignores line endings; None: other bytes."""
    if recorded.algorithm != LEGACY:
        return None
    if hashed.md5_as_text is None:
        reason = "recorded by DVC 2, whose hash of text ignores line endings"
        return recorded_only(Cause.NOT_HERE, reason)
    return verified(SAME_TEXT) if hashed.md5_as_text == recorded.value else None
