"""The whole names of the places where lists are: one for each, wherever a command is started."""

import os
from pathlib import Path

from aigf_dvc.attestation.lists.seen import is_file
from aigf_dvc.git import program
from aigf_dvc.redaction import redact_url


def is_store(place: str) -> bool:
    """Tell whether a place is a store; anything else is a file of bundles."""
    return git_folder(place) is not None or "://" in place or Path(place).is_dir()


def whole_name(place: str) -> str:
    """Return a place's whole name: of a repository, whichever of its folders was named.

    A pipe has none: what comes out of it next time is from elsewhere. A link is not followed:
    whoever may turn it to another folder must not make that a new place.

    Raises:
        InputError, UndecidedError: git knows of no repository there, or cannot tell.
    """
    folder = git_folder(place)
    if folder is not None:
        found = os.fsdecode(program.git(folder, "rev-parse", "--git-common-dir").rstrip(b"\n"))
        return f"git:{_whole(folder / found)}"
    if "://" in place:
        return redact_url(place).rstrip("/")
    if Path(place).exists() and not (Path(place).is_file() or Path(place).is_dir()):
        return ""
    # A slash at its end tells a folder from a file: see `is_file`.
    return _whole(Path(place)) + ("/" if Path(place).is_dir() else "")


def is_gone(name: str) -> bool:
    """Tell whether a whole name is that of a file which is no longer there."""
    return bool(name) and is_file(name) and not Path(name).exists()


def git_folder(place: str) -> Path | None:
    """Return the folder of the repository that a place is, or None: it is none."""
    kind, colon, path = place.partition(":")
    is_git = place == "git" or (kind == "git" and colon and "//" not in path)
    return Path(path or ".") if is_git else None


def _whole(path: Path) -> str:
    return os.path.normpath(path.absolute())
