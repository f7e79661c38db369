"""Names the revocation list that somebody means when they name none."""

from collections.abc import Iterable
from pathlib import Path

from aigf_dvc.actions.list_places import git_folder
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.git import program

_DIGITS = 12  # of a commit


def list_meant(known: Iterable[str], *, place: str, here: Path) -> str:
    """Return the id of the list of a project, or of the only list in a place.

    A new list is named after the project's first commit, which all its clones share: lists of two
    projects, signed with one key, must not be taken for issues of each other.

    Args:
        known: the ids of the lists in the place, by people who count.
        place: where the list is, as people write it.
        here: the folder of the project, or where the command was started.

    Raises:
        InputError: there are several, or nothing to name the first one after.
    """
    ids = sorted(set(known))
    own = _of_project(git_folder(place) or here) if len(ids) != 1 else None
    if len(ids) == 1:
        return ids[0]
    if own is not None and (own in ids or not ids):
        return own
    raise InputError(
        f"{len(ids)} lists: {', '.join(ids):.300}" if ids else "no list yet, and no history here",
        where=place, expected="--id LIST: which one" if ids else "--id LIST: a name for the first",
        hint="" if ids else "a name of its own for each project: judges tell lists apart by it",
    )  # fmt: skip


def _of_project(folder: Path) -> str | None:
    """Return the name after the first commit, or None: there is none, or it is cut off."""
    try:
        if program.git(folder, "rev-parse", "--is-shallow-repository").strip() != b"false":
            return None
        first = program.git(folder, "rev-list", "--max-parents=0", "HEAD").decode().split()
    except AigfError:
        return None
    return f"revocations-{min(first)[:_DIGITS]}" if first else None
