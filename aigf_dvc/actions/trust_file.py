"""Opens the trust file that a judge names, with all that it includes and names by file."""

import os
import posixpath
from datetime import date
from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.attestation.trust import TrustFile
from aigf_dvc.attestation.trust_includes import include
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.errors import InputError
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.signing.trusted import Trust, open_trust, read_pinned

_MOST_LEVELS = 4


def load_trust(path: Path) -> Trust:
    """Open a trust file, with the keys, roots and further files that it names.

    Raises:
        InputError: one cannot be read, is not valid, or is not what it is pinned to.
    """
    return open_trust(whole_file(path), lambda name: read_file(path.parent / name))


def whole_file(path: Path) -> TrustFile:
    """Read a trust file and join it with those that it includes; no key is opened.

    Raises:
        InputError: one cannot be read, is not valid, or is not what it is pinned to.
    """
    return whole_file_of(read_file(path), path)


def whole_file_of(data: bytes, path: Path) -> TrustFile:
    """Read the bytes of a trust file that stand, or will stand, at a path; see `whole_file`."""
    return _whole(data, path, level=0)


def _whole(data: bytes, path: Path, *, level: int) -> TrustFile:
    own = read_trust(data, where=str(path))
    if not own.includes:
        return own
    if level >= _MOST_LEVELS:
        raise InputError(
            f"includes within includes, {level} deep", where=str(path),
            expected=f"at most {_MOST_LEVELS}",
        )  # fmt: skip
    found = []
    for pin in own.includes:
        file = path.parent / pin.file
        part = read_pinned(pin, read_file(file))
        found.append((posixpath.dirname(pin.file), _whole(part, file, level=level + 1)))
    return include(own, tuple(found))


def refuse_expired(file: TrustFile, today: date) -> None:
    """Refuse a trust file that is no longer in force.

    Raises:
        InputError: it has expired.
    """
    if file.expires is not None and file.expires < today:
        raise InputError(
            f"the trust file expired on {file.expires}", where=file.where,
            expected="one that is in force", hint="review whom it trusts, then renew `expires:`",
        )  # fmt: skip


def project_around(path: Path) -> Path | None:
    """Return the repository with a governed project that a path lies in, or None."""
    folder = Path(os.path.realpath(path)).parent
    governed = False
    for one in (folder, *folder.parents):
        governed = governed or (one / FILE_NAME).is_file()
        if (one / ".git").exists():
            return one if governed else None
    return None


def refuse_own(trust: Path, artifact: Path) -> None:
    """Refuse a trust file of the repository that is judged: whoever may push would trust himself.

    A repository without aigf.yaml around the artifact judges others: there the file may lie.

    Raises:
        InputError: both lie in one governed repository.
    """
    repository = project_around(artifact)
    if repository is not None and Path(os.path.realpath(trust)).is_relative_to(repository):
        raise InputError(
            f"a trust file inside the repository that it judges, {repository}", where=str(trust),
            expected="a file that only whoever judges can write",
            hint="move it out of the repository, and have its changes reviewed there",
        )  # fmt: skip
