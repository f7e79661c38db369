"""Finds a model in the files of an image: every place where exactly its bytes are."""

from collections.abc import Iterator, Mapping

from aigf_dvc.digests import Sha256
from aigf_dvc.images.file_system import FileSystem, Node, below
from aigf_dvc.images.tar import EntryKind


def find_file(files: FileSystem, digest: Sha256) -> tuple[str, ...]:
    """Return the paths of every file with these bytes, sorted."""
    return tuple(sorted(f"/{path}" for path, found in files.files() if found == digest))


def find_folder(files: FileSystem, wanted: Mapping[str, Sha256]) -> tuple[str, ...]:
    """Return the paths of every directory that holds exactly these files, sorted.

    A link to a file inside the image counts as that file, as a loader would read it; a directory
    with anything else in it, such as a link to a directory, is another one.

    Args:
        files: of the image.
        wanted: the SHA-256 of each file, by its path in the directory.
    """
    first, *_ = sorted(wanted)
    found = []
    for path, node in files.nodes():
        is_near = node.kind is EntryKind.DIRECTORY and _has(node, first)
        if is_near and _holds_exactly(files, path, node, wanted):
            found.append(f"/{path}")
    return tuple(sorted(found))


def _has(folder: Node, name: str) -> bool:
    node: Node | None = folder
    for part in name.split("/"):
        node = node.children.get(part) if node is not None else None
    return node is not None


def _holds_exactly(
    files: FileSystem, path: str, folder: Node, wanted: Mapping[str, Sha256]
) -> bool:
    count = 0
    for name, digest in _listing(files, path, folder):
        count += 1
        if digest is None or wanted.get(name) != digest:
            return False
    return count == len(wanted)


def _listing(files: FileSystem, path: str, folder: Node) -> Iterator[tuple[str, Sha256 | None]]:
    """Yield everything in a directory but directories; None for what is no file."""
    for name, node in below(folder):
        if node.kind is EntryKind.DIRECTORY:
            continue
        is_link = node.kind is EntryKind.SYMLINK
        reached = files.follow(f"{path}/{name}") if is_link else node
        yield name, reached.sha256 if reached is not None else None
