"""Reads the listing of a directory in DVC's cache: the object whose name ends in `.dir`.

DVC writes it one way only: `[{"md5": "...", "relpath": "..."}, ...]`, and its MD5 is its name. So
it is read by that form, not as JSON at large: nothing in it can nest, repeat a key or grow.

Source: dvc_data.hashfile.tree.Tree.as_bytes.
"""

import json
import re

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.pipeline import RecordedFile
from aigf_dvc.lazy_pattern import lazy_pattern

MAX_FILES = 1_000_000
_ENTRY = lazy_pattern(  # possessive, so that no listing makes the matching slow
    r"""\{"md5":[ ]"(?P<md5>[0-9a-f]{32})",[ ]
        "relpath":[ ](?P<name>"(?:[ !\x23-\x5b\x5d-\x7f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+")\}
    """,
    re.VERBOSE,
)


def read_listing(data: bytes, *, where: str) -> tuple[RecordedFile, ...]:
    """Return the files of a directory, in the listing's order.

    Args:
        data: the bytes of the `.dir` object.
        where: for messages.

    Raises:
        UndecidedError: not a listing that DVC writes, or a name in it that leads out.
    """
    text = data.decode("ascii", errors="replace").strip()
    if not (text.startswith("[") and text.endswith("]")):
        raise _refused("not a list", where)
    files: dict[str, RecordedFile] = {}
    at, end = 1, len(text) - 1
    while at < end:
        entry = _ENTRY.match(text, at)
        if entry is None or entry.end() > end or len(files) >= MAX_FILES:
            raise _refused(f"entry {len(files) + 1} has another form", where)
        name = _name(entry["name"], where)
        if name in files:
            raise _refused(f"{name!r} stands twice", where)
        files[name] = RecordedFile(name=name, md5=entry["md5"])
        at = entry.end()
        if at < end:
            if not text.startswith(", {", at):
                raise _refused(f"something else after entry {len(files)}", where)
            at += 2
    return tuple(files.values())


def _name(quoted: str, where: str) -> str:
    """Return a path inside the directory, or refuse it."""
    name: str = json.loads(quoted) if "\\" in quoted else quoted[1:-1]
    bad_part = any(part in ("", ".", "..") for part in name.split("/"))
    not_text = any("\ud800" <= character <= "\udfff" for character in name)
    if bad_part or not_text or "\n" in name or "\0" in name:
        raise _refused(f"the name {name[:80]!r}", where)
    return name


def _refused(found: str, where: str) -> UndecidedError:
    return UndecidedError(
        found,
        where=where,
        expected="the listing of a directory, as DVC writes it",
        hint="record the directory anew: `dvc add` it, or run its stage",
    )
