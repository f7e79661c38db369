"""Evidence that is like other evidence but for a few values; every value keeps its own place."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from msgspec import Struct

from aigf_dvc.close_names import close_names
from aigf_dvc.policy.section import Problems, Section, shown
from aigf_dvc.strict_yaml import Document, Path

_NAMING = ("type", "name", "person", "engine", "source")  # keys that tell items of a list apart
_APPEND = "+"


class _Node(Struct):
    """A value that can be changed, its children, and where each of them was written."""

    value: Any  # a plain value, or a dict or list of nodes
    line: int
    column: int

    def child(self, name: str) -> "_Node | None":
        """Return what a mapping has under a key, or a list at an index or under a name."""
        if isinstance(self.value, dict):
            return self.value.get(name)
        index = self._index(name)
        return self.value[index] if index is not None else None

    def put(self, name: str, node: "_Node") -> bool:
        """Set a child; tell whether that was possible."""
        if isinstance(self.value, dict):
            self.value[name] = node
        elif isinstance(self.value, list) and name == _APPEND:
            self.value.append(node)
        elif (index := self._index(name)) is not None:
            self.value[index] = node
        else:
            return False
        return True

    def drop(self, name: str) -> None:
        """Take a child out."""
        if isinstance(self.value, dict):
            del self.value[name]
        elif (index := self._index(name)) is not None:
            del self.value[index]

    def names(self) -> list[str]:
        """Return the names of the children."""
        if isinstance(self.value, dict):
            return list(self.value)
        return [_name(item) for item in self.value] if isinstance(self.value, list) else []

    def _index(self, name: str) -> int | None:
        if not isinstance(self.value, list):
            return None
        if name.isdecimal() and int(name) < len(self.value):
            return int(name)
        return next((n for n, item in enumerate(self.value) if _name(item) == name), None)


def part(document: Document, path: Path) -> Document:
    """Return what stands at a path as a document of its own."""
    value: Any = document.value
    for step in path:
        value = value[step]
    return _as_document(_node(document, value, path), document.where)


def changed(document: Document, base: Path, section: Section, problems: Problems) -> Document:
    """Return a base with some of its values changed or taken out.

    Args:
        document: the file.
        base: the path of what is changed.
        section: has `change:`, a mapping of dotted paths to values, and `remove:`, a list of them.
        problems: where a path that leads nowhere is noted.
    """
    value: Any = document.value
    for step in base:
        value = value[step]
    root = _node(document, value, base)
    for name in section.texts("remove") if section.has("remove") else ():
        steps = _steps(root, name)
        parent = _walk(root, steps[:-1])
        if parent is None or parent.child(steps[-1]) is None:
            _refuse(problems, (*section.path, "remove"), root, name)
        else:
            _drop(root, steps)
    changes = section.section("change")
    for name in changes.names() if changes is not None else ():
        at = (*section.path, "change", name)
        steps = _steps(root, name)
        parent = _made(root, steps)
        new = _node(document, changes.value(name) if changes is not None else None, at)
        if parent is None or not parent.put(steps[-1], new):
            _refuse(problems, at, root, name)
    return _as_document(root, document.where)


def _drop(root: _Node, steps: list[str]) -> None:
    """Take a value out, and what holds nothing without it: a model without documents has none."""
    for end in range(len(steps), 0, -1):
        parent = _walk(root, steps[: end - 1])
        child = parent.child(steps[end - 1]) if parent is not None else None
        if parent is None or (end < len(steps) and child is not None and child.value):
            return
        parent.drop(steps[end - 1])


def _refuse(problems: Problems, at: Path, root: _Node, name: str) -> None:
    """Note that a path leads nowhere, with the names that stand where it ends."""
    steps, node = list(_steps(root, name)), root
    while steps and (child := node.child(steps[0])) is not None:
        node = child
        steps.pop(0)
    names = node.names()
    close = close_names(steps[0], names) if steps else []
    problems.add(
        at,
        f"nothing stands at {shown(name)} in the base",
        f"one of {', '.join(names)}" if names else "the path of a value of the base",
        f"did you mean `{close[0]}`?" if close else "",
    )


def _steps(root: _Node, name: str) -> list[str]:
    """Split a dotted path; a key that holds the dots itself wins, as it does in metrics files."""
    steps: list[str] = []
    node: _Node | None = root
    words = name.split(".")
    while words:
        count = next((n for n in range(len(words), 0, -1) if _has(node, words[:n])), 1)
        step = ".".join(words[:count])
        steps.append(step)
        node = node.child(step) if node is not None else None
        words = words[count:]
    return steps


def _has(node: _Node | None, words: list[str]) -> bool:
    return (
        node is not None
        and isinstance(node.value, dict | list)
        and node.child(".".join(words)) is not None
    )


def _walk(root: _Node, steps: list[str]) -> _Node | None:
    """Return the mapping or list at a path, or None when none is there."""
    node: _Node | None = root
    for step in steps:
        node = node.child(step) if node is not None else None
    return node if node is not None and isinstance(node.value, dict | list) else None


def _made(root: _Node, steps: list[str]) -> _Node | None:
    """Return what a path's last step is put into; make the mappings and lists on the way to it."""
    node = root
    for step, following in pairwise(steps):
        child = node.child(step)
        if child is None:
            empty: Any = [] if following == _APPEND else {}
            child = _Node(value=empty, line=node.line, column=node.column)
            if not node.put(step, child):
                return None
        node = child
    return node


def _name(item: _Node) -> str:
    keys = item.value if isinstance(item.value, dict) else {}
    named = next((keys[key].value for key in _NAMING if key in keys), "")
    return named if isinstance(named, str) else ""


def _node(document: Document, value: object, path: Path) -> _Node:
    inner: Any = value
    if isinstance(value, dict):
        inner = {key: _node(document, item, (*path, key)) for key, item in value.items()}
    elif isinstance(value, list):
        inner = [_node(document, item, (*path, index)) for index, item in enumerate(value)]
    return _Node(
        value=inner, line=document.lines.get(path, 1), column=document.columns.get(path, 1)
    )


def _as_document(root: _Node, where: str) -> Document:
    marks = dict(_marks(root, ()))
    return Document(
        value=_plain(root),
        where=where,
        lines={path: line for path, (line, _) in marks.items()},
        columns={path: column for path, (_, column) in marks.items()},
    )


def _marks(node: _Node, path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    yield path, (node.line, node.column)
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from _marks(child, (*path, key))
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _marks(child, (*path, index))


def _plain(node: _Node) -> Any:  # noqa: ANN401  # whatever the document says
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return node.value
