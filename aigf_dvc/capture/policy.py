"""Reads a policy with all its parts: as a snapshot has them, or from a folder."""

import posixpath
from pathlib import Path

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.strict_yaml import MAX_BYTES
from aigf_dvc.trees.snapshot import Snapshot, open_inside


def read_snapshot_policy(snapshot: Snapshot, path: str, *, label: str = "") -> Policy:
    """Read the policy at a path of a snapshot; its parts come from the same snapshot.

    Args:
        snapshot: where it stands.
        path: of its own file.
        label: what messages call that file; its path by default.

    Raises:
        InputError: it is not there, or not valid.
        UndecidedError: something else than a file is in its place, or in that of a part.
    """
    data = snapshot.read(path)
    if data is None:
        raise InputError(
            "not in the commit" if snapshot.commit else "no such file",
            where=path,
            expected="the policy that aigf.yaml names",
            hint="`aigf init` writes one" + (", then commit it" if snapshot.commit else ""),
        )
    return snapshot_policy(data, snapshot, path, label=label)


def snapshot_policy(data: bytes, snapshot: Snapshot, path: str, *, label: str = "") -> Policy:
    """Read a policy whose own file is at hand; its parts come from a snapshot."""
    folder = posixpath.dirname(path)
    return read_policy(
        data, path=label or path, read_part=lambda name: snapshot.read(posixpath.join(folder, name))
    )


def folder_policy(data: bytes, path: Path) -> Policy:
    """Read a policy whose own file is at hand; its parts lie in the same folder.

    Raises:
        InputError: it is not valid.
        UndecidedError: a part cannot be read, or is a link that leads out of the folder.
    """

    def read_part(name: str) -> bytes | None:
        try:
            with open_inside(path.parent, name) as file:
                part = file.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if len(part) > MAX_BYTES:
            raise UndecidedError(
                f"more than {MAX_BYTES} bytes", where=str(path.parent / name), expected="a policy"
            )
        return part

    return read_policy(data, path=str(path), read_part=read_part)
