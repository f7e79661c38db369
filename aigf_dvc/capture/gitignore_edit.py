"""Adds lines to a .gitignore, and touches nothing else; finds outs that git would take in."""

import posixpath
from collections.abc import Iterable
from pathlib import Path

from aigf_dvc.git import program
from aigf_dvc.lazy_pattern import lazy_pattern

_SPECIAL = lazy_pattern(r"([\\*?\[]| +\Z)")


def ignore_line(name: str) -> str:
    """Return the line for a file or folder beside the .gitignore, as DVC writes it."""
    return "/" + _SPECIAL.sub(lambda match: "".join(f"\\{c}" for c in match[1]), name)


def add_lines(data: bytes | None, lines: Iterable[str], *, comment: str = "") -> bytes:
    """Return a .gitignore with some more lines at its end; those that it has are not added again.

    Args:
        data: the file's bytes, in any encoding; None when there is no file yet.
        lines: what to add.
        comment: stands above the new lines, when there are any.
    """
    before = data or b""
    known = {line.rstrip(b"\r") for line in before.split(b"\n")}
    added = [line.encode() for line in dict.fromkeys(lines) if line.encode() not in known]
    if not added:
        return before
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    gap = newline if before and not before.endswith(b"\n") else b""
    above = [f"# {comment}".encode()] if comment else []
    return before + gap + newline.join([*above, *added]) + newline


def unignored(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that no .gitignore of the repository ignores.

    A rule in a file that is not shared (.git/info/exclude, the user's own) does not count.

    Args:
        root: the project's folder.
        paths: relative to it; files or folders, there or not.

    Raises:
        UndecidedError: git refused.
    """
    asked = tuple(dict.fromkeys(paths))
    if not asked:
        return ()
    # `build/` matches folders only, and git takes a path that is not there for a file.
    spellings = [spelling for path in asked for spelling in (path, path + "/")]
    outcome = program.attempt(
        root, "check-ignore", "-v", "-z", "--stdin", "--no-index",
        data=b"".join(spelling.encode() + b"\0" for spelling in spellings),
    )  # fmt: skip
    if outcome.returncode not in (0, 1):
        raise program.failure(root, outcome.stderr)
    parts = outcome.stdout.split(b"\0")
    ignored = {
        path.decode().rstrip("/")
        for source, pattern, path in zip(parts[0::4], parts[2::4], parts[3::4], strict=False)
        if posixpath.basename(source) == b".gitignore"
        and not posixpath.isabs(source)
        and not pattern.startswith(b"!")
    }
    return tuple(path for path in asked if path not in ignored)
