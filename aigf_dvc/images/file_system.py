"""The files of an image: its layers applied one over the other, in memory.

Where runtimes apply a layer in different ways nothing is decided: containerd applies layers to one
tree, others unpack each into a folder of its own and let the kernel lay them over each other.

See: https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#applying-changesets
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.images.tar import Entry, EntryKind, parts_of

_WHITEOUT, _OPAQUE, _AUFS = ".wh.", ".wh..wh..opq", ".wh..wh."
_MOST_LINKS = 40  # as Linux has it


class Node(Struct, kw_only=True):
    """A file, link, device or directory of the image."""

    kind: EntryKind
    layer: int  # the last that made or touched it
    sha256: Sha256 | None = None
    target: str = ""
    children: dict[str, Node] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # the children that `layer` took away
    opaque_in: int = -1  # the layer that hid all that lower layers have here
    stated_in: int = -1  # of a directory: the last layer that has an entry for it


class FileSystem:
    """The tree of an image, to which layers are applied."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._root = Node(kind=EntryKind.DIRECTORY, layer=-1)

    def apply(self, entry: Entry, *, layer: int, where: str) -> None:
        """Apply one entry of a layer.

        Args:
            entry: what the layer has.
            layer: its number, counted upwards.
            where: its name, for messages.

        Raises:
            UndecidedError: runtimes differ in what this entry does.
        """
        if not entry.path:
            if entry.kind is not EntryKind.DIRECTORY:
                raise _unclear("the image's root is no directory", where)
            return
        *folder, name = entry.path
        if any(part.startswith(_WHITEOUT) for part in folder):
            raise _unclear(f"{_path(entry)} is below a whiteout", where)
        parent = self._parent(folder, layer, where)
        if name.startswith(_WHITEOUT):
            self._white_out(parent, entry, layer, where)
            return
        if parent.layer == layer and name in parent.hidden:
            raise _unclear(f"{_path(entry)} is made and taken away in one layer", where)
        self._put(parent, entry, layer, where)

    def files(self) -> Iterator[tuple[str, Sha256]]:
        """Yield each regular file by its path, with its SHA-256."""
        for path, node in self.nodes():
            if node.sha256 is not None and node.kind is EntryKind.FILE:
                yield path, node.sha256

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """Yield everything below the root by its path, in the order of names."""
        yield from below(self._root)

    def follow(self, path: str) -> Node | None:
        """Return what a path leads to inside the image, links followed; None: to nothing."""
        left = path.split("/")[::-1]
        trail = [self._root]
        links = 0
        while left:
            part = left.pop()
            if part == "..":
                trail = trail[:-1] or trail
            if part in ("", ".", ".."):
                continue
            node = trail[-1].children.get(part)
            if node is None:
                return None
            if node.kind is EntryKind.SYMLINK:
                links += 1
                if links > _MOST_LINKS:
                    return None
                trail = trail[:1] if node.target.startswith("/") else trail
                left += node.target.split("/")[::-1]
                continue
            trail.append(node)
        return trail[-1]

    def _parent(self, folder: list[str], layer: int, where: str) -> Node:
        """Return the directory of an entry; what is missing on the way is made."""
        node = self._root
        for index, part in enumerate(folder):
            following = node.children.get(part)
            if following is None:
                if node.layer == layer and part in node.hidden:
                    place = "/".join(folder[: index + 1])
                    raise _unclear(f"{place!r:.200} is made and taken away in one layer", where)
                following = Node(kind=EntryKind.DIRECTORY, layer=layer)
                node.children[part] = following
            if following.kind is not EntryKind.DIRECTORY:
                place = "/".join(folder[: index + 1])
                raise _unclear(
                    f"an entry below {place!r:.200}, which is a {_word(following)}", where
                )
            _touch(node, layer)
            node = following
        _touch(node, layer)
        return node

    def _put(self, parent: Node, entry: Entry, layer: int, where: str) -> None:
        name, kind = entry.path[-1], entry.kind
        before = parent.children.get(name)
        if kind is EntryKind.DIRECTORY:
            if before is None or before.kind is not EntryKind.DIRECTORY:
                before = parent.children[name] = Node(kind=kind, layer=layer)
            _touch(before, layer)
            before.stated_in = layer
        elif kind is EntryKind.HARD_LINK:
            found = self._linked(entry, where)
            parent.children[name] = Node(
                kind=found.kind, layer=layer, sha256=found.sha256, target=found.target
            )
        else:
            parent.children[name] = Node(
                kind=kind, layer=layer, sha256=entry.sha256, target=entry.target
            )

    def _linked(self, entry: Entry, where: str) -> Node:
        """Return what a hard link names: another entry of this image, by its path from the root."""
        node: Node | None = self._root
        for part in parts_of(entry.target.encode(errors="surrogateescape"), where):
            node = node.children.get(part) if node is not None else None
        if node is None or node.kind is EntryKind.DIRECTORY:
            raise _unclear(
                f"the hard link {_path(entry)} to {entry.target!r:.200}, which is no file", where
            )
        return node

    def _white_out(self, parent: Node, entry: Entry, layer: int, where: str) -> None:
        name = entry.path[-1]
        if entry.kind is not EntryKind.FILE:
            raise _unclear(f"the whiteout {_path(entry)} is no file", where)
        if name == _OPAQUE:
            _hide_lower(parent, layer, where)
            return
        gone = name.removeprefix(_WHITEOUT)
        if name.startswith(_AUFS) or gone in ("", ".", ".."):
            raise _unclear(f"the whiteout {_path(entry)}", where)
        before = parent.children.get(gone)
        if before is not None and before.layer == layer:
            raise _unclear(f"{gone!r:.200} is made and taken away in one layer", where)
        parent.children.pop(gone, None)
        parent.hidden.add(gone)


def below(folder: Node) -> Iterator[tuple[str, Node]]:
    """Yield everything below a directory by its path from there, in the order of names."""
    stack = _last_first(folder)
    while stack:
        path, node = stack.pop()
        yield path, node
        stack += [(f"{path}/{name}", child) for name, child in _last_first(node)]


def _last_first(folder: Node) -> list[tuple[str, Node]]:
    return sorted(folder.children.items(), key=lambda item: item[0], reverse=True)


def _touch(node: Node, layer: int) -> None:
    """Mark a directory as one that a layer has something in."""
    if node.layer != layer:
        node.layer = layer
        node.hidden = set()


def _hide_lower(folder: Node, layer: int, where: str) -> None:
    """Take away what lower layers have in a directory, at any depth; this layer's own stays."""
    todo = [folder]
    while todo:
        node = todo.pop()
        if node.opaque_in == layer:  # done: nothing of a lower layer can have come since
            continue
        node.opaque_in = layer
        node.children = {name: c for name, c in node.children.items() if c.layer == layer}
        folders = {n: c for n, c in node.children.items() if c.kind is EntryKind.DIRECTORY}
        for name, child in folders.items():
            if child.stated_in != layer:  # containerd takes away what has no entry of its own
                raise _unclear(f"{name!r:.200} is hidden, and has no entry of its own", where)
        todo += folders.values()


def _path(entry: Entry) -> str:
    return f"{'/'.join(entry.path)!r:.200}"


def _word(node: Node) -> str:
    return node.kind.name.lower().replace("_", " ")


def _unclear(found: str, where: str) -> UndecidedError:
    return UndecidedError(
        found, where=where, expected="a layer that every container runtime applies alike"
    )
