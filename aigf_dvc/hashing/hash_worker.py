"""Hashes one file at a time, and is a program of its own that does so on another core.

As a program it reads JSON lists of paths, one a line, and answers each with a JSON list of what
`digests` returned. It imports the standard library only, so that it starts in an instant, and
stands alone: `python -I -S hash_worker.py`.
"""

import hashlib
import json
import os
import stat
import sys

_CHUNK = 1 << 20

Answer = tuple[str, str, str]
"""Identity, MD5 and SHA-256; or an empty identity, what went wrong, and an empty text."""

CHANGED = "the file changed while it was read"


def identity(status: os.stat_result) -> str:
    """Return what changes when a file does: no program can set the change time (ctime) back."""
    return (
        f"{status.st_dev}:{status.st_ino}:{status.st_size}"
        f":{status.st_mtime_ns}:{status.st_ctime_ns}"
    )


def open_file(path: str) -> tuple[int, os.stat_result]:
    """Open a regular file; not through a link, and without waiting for a pipe's writer.

    Returns:
        The handle, and what the file was when it was opened.

    Raises:
        OSError: it cannot be opened, or is something else.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise OSError(0, "not a regular file")
    return handle, status


def digests(path: str) -> Answer:
    """Return the identity, MD5 and SHA-256 of a file's bytes, from one read."""
    try:
        handle, status = open_file(path)
    except OSError as error:
        return "", error.strerror or "unknown", ""
    try:
        before, left = identity(status), status.st_size
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        # A file that grows as fast as it is read would never end; its identity shows the growth.
        while left > 0 and (data := os.read(handle, min(left, _CHUNK))):
            md5.update(data)
            sha256.update(data)
            left -= len(data)
        if identity(os.fstat(handle)) != before:
            return "", CHANGED, ""
    except OSError as error:
        return "", error.strerror or "unknown", ""
    finally:
        os.close(handle)
    return before, md5.hexdigest(), sha256.hexdigest()


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps([digests(path) for path in json.loads(line)]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
