"""`aigf.lock`: the SHA-256 of every DVC object whose bytes were seen once.

DVC names data by MD5, which proves nothing. The digest lock carries the SHA-256 to machines that
do not have the data. One line an object, `md5 size sha256`, sorted, so that git merges it well:
two versions are joined line by line, and the next capture sorts them again.

A directory has one line, with the tree digest of its files, however many they are: 100,000 lines
would put 10 MB into every version of a file that nobody reads. A file inside has its own line when
the pipeline records it by itself.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern

FILE_NAME = "aigf.lock"
MERGE_ATTRIBUTE = f"{FILE_NAME} merge=union"  # a line for .gitattributes
_HEADER = (
    "# SHA-256 of the data behind DVC's MD5: md5 size sha256. Written by `aigf capture`; commit it."
)
_LINE = lazy_pattern(r"([0-9a-f]{32}(?:\.dir)?) ([0-9]{1,18}) ([0-9a-f]{64})\Z")


class DigestLock(Struct, frozen=True, kw_only=True):
    """The known objects: (DVC's MD5, size in bytes) -> SHA-256, or a directory's tree digest."""

    known: Mapping[tuple[str, int], Sha256] = field(default_factory=dict)

    def sha256(self, value: str, size: int | None) -> Sha256 | None:
        """Return the SHA-256 of an object, or None when its bytes were never seen."""
        if size is not None:
            return self.known.get((value, size))
        found = {digest for (md5, _), digest in self.known.items() if md5 == value}
        return found.pop() if len(found) == 1 else None

    def updated(
        self, seen: Iterable[tuple[str, int, Sha256]], *, referenced: frozenset[str]
    ) -> "DigestLock":
        """Return the lock with what was seen, and without what nothing refers to any more.

        Raises:
            UndecidedError: bytes with a known MD5 and size have another SHA-256 than the first.
        """
        merged = dict(self.known)
        for value, size, digest in seen:
            if merged.setdefault((value, size), digest) != digest:
                raise UndecidedError(
                    f"two digests for the object {value}: {merged[value, size]} and {digest}",
                    where=FILE_NAME,
                    expected="one",
                    hint="somebody made other bytes with the same MD5: do not use them; or the "
                    "file was changed by hand",
                )
        return DigestLock(known={key: merged[key] for key in merged if key[0] in referenced})

    def to_bytes(self) -> bytes:
        """Return the file's bytes."""
        lines = sorted(f"{value} {size} {digest}" for (value, size), digest in self.known.items())
        return "\n".join([_HEADER, *lines, ""]).encode()


def read_digest_lock(data: bytes | None, *, where: str = FILE_NAME) -> DigestLock:
    """Read aigf.lock; no file is an empty lock.

    Raises:
        UndecidedError: a line has another form, or one object has two digests.
    """
    known: dict[tuple[str, int], Sha256] = {}
    for number, line in enumerate((data or b"").decode(errors="replace").splitlines(), 1):
        if not line or line.startswith("# "):
            continue
        match = _LINE.match(line)
        if match is None:
            conflict = line.startswith(("<<<<<<<", "=======", ">>>>>>>"))
            raise UndecidedError(
                "a merge conflict" if conflict else f"the line {line[:60]!r}",
                where=f"{where}:{number}",
                expected="`md5 size sha256`",
                hint="keep the lines of both sides: they never contradict"
                if conflict
                else "remove the file and run `aigf capture` where the data is",
            )
        key = (match[1], int(match[2]))
        if known.setdefault(key, Sha256(match[3])) != match[3]:
            raise UndecidedError(
                f"two digests for the object {match[1]}", where=f"{where}:{number}",
                expected="one", hint="somebody changed the file by hand, or MD5 collided",
            )  # fmt: skip
    return DigestLock(known=known)
