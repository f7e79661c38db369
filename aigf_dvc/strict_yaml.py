"""The YAML readers: a strict one for governance files, and a fast YAML 1.2 one for DVC's files.

Governance files (policy, model card, aigf.yaml) are small and must mean one thing only: no
aliases, tags, duplicate keys or ambiguous scalars; every value keeps its line. DVC's files are
large and written by ruamel.yaml in YAML 1.2: libyaml's parser with YAML 1.2 scalars reads them as
DVC does. PyYAML's own YAML 1.1 rules would read `1e-05` as text and `no` as false.
"""

import re
from collections.abc import Hashable, Mapping
from typing import Any, TypeAlias

import yaml
from msgspec import Struct, field

from aigf_dvc import strict_reader, yaml_scalars
from aigf_dvc.block_yaml import read_block
from aigf_dvc.errors import AigfError, InputError, UndecidedError

Path: TypeAlias = strict_reader.Path

MAX_BYTES = 256 * 1024
MAX_DVC_BYTES = 256 * 2**20
_MAX_DVC_DEPTH = 100


class Document(Struct, frozen=True, kw_only=True):
    """A value that was read strictly, and where each part of it stands."""

    value: Any  # plain JSON types; numbers with a fraction are Decimal
    where: str
    lines: Mapping[Path, int] = field(default_factory=dict)
    columns: Mapping[Path, int] = field(default_factory=dict)

    def place(self, *path: str | int, column: bool = False) -> str:
        """Return `file:line`, or `file:line:column`, of the value at a path or a near parent."""
        while path and path not in self.lines:
            path = path[:-1]
        if not path:
            return self.where
        return f"{self.where}:{self.lines[path]}" + (f":{self.columns[path]}" if column else "")


def read_strict(data: bytes, *, where: str, first_line: int = 1, columns: bool = False) -> Document:
    """Read one small YAML (or JSON) document that can mean only one thing.

    Args:
        data: UTF-8 text, at most 256 KiB, 16 levels deep.
        where: the file's name, for messages.
        first_line: the line of the file at which the text starts.
        columns: whether messages name the column after the line.

    Raises:
        InputError: anything else; the message names file and line.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"{len(data)} bytes", where=where, expected=f"at most {MAX_BYTES} bytes")
    reader = strict_reader.StrictReader(where, first_line, columns=columns)
    try:
        reader.read(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start} is not UTF-8", where=where, expected="UTF-8 text"
        ) from None
    except yaml.YAMLError as error:
        raise _not_yaml(error, where, first_line - 1, InputError, columns=columns) from None
    return Document(
        value=reader.value(), where=where, lines=reader.lines(), columns=reader.columns()
    )


def _not_yaml(
    error: yaml.YAMLError, where: str, offset: int, kind: type[AigfError], *, columns: bool = False
) -> AigfError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    column = f":{mark.column + 1}" if mark and columns else ""
    place = f"{where}:{mark.line + 1 + offset}{column}" if mark else where
    return kind(f"not YAML: {problem}", where=place, expected="valid YAML")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line if event.start_mark else 0


def _identity(key: yaml.Node) -> object:
    return (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key)


class _Dvc(yaml.CSafeLoader):
    """libyaml's parser with the scalars of YAML 1.2, as ruamel.yaml (DVC) reads them."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """Return the tag of a node."""
        if kind is yaml.ScalarNode and implicit[0]:
            return yaml_scalars.tag_of(value)
        return super().resolve(kind, value, implicit)  # type: ignore[no-any-return, no-untyped-call]  # PyYAML has no types here

    def value(self, node: yaml.Node) -> Any:  # noqa: ANN401  # whatever the document says
        """Return the value of a node; most are plain text, and need none of the machinery."""
        if node.tag == yaml_scalars.TEXT and isinstance(node, yaml.ScalarNode):
            return node.value
        return self.construct_object(node, deep=True)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge as PyYAML does, then drop what is overridden, or merges of merges grow for ever."""
        before = node.value
        super().flatten_mapping(node)
        if node.value is not before:
            node.value = list({_identity(key): (key, value) for key, value in node.value}.values())


def _integer(_loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    return yaml_scalars.integer(node.value)


def _float(_loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> float:
    return yaml_scalars.decimal(node.value)


def _sequence(loader: _Dvc, node: yaml.SequenceNode) -> list[Any]:
    return [loader.value(item) for item in node.value]


def _mapping(loader: _Dvc, node: yaml.MappingNode) -> dict[Hashable, Any]:
    """Construct a mapping whose own keys are each given once; merged ones may be overridden."""
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != yaml_scalars.MERGE:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
    loader.flatten_mapping(node)
    return {loader.value(key): loader.value(value) for key, value in node.value}


_Dvc.add_constructor(yaml_scalars.INTEGER, _integer)
_Dvc.add_constructor(yaml_scalars.FLOAT, _float)
_Dvc.add_constructor("tag:yaml.org,2002:seq", _sequence)
_Dvc.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_dvc(data: bytes, *, where: str) -> Any:  # noqa: ANN401  # whatever the file says; callers check it
    """Read one of DVC's YAML files, or a parameter or metrics file, as DVC reads it.

    Raises:
        UndecidedError: not UTF-8, not YAML, a key given twice, or nested too deep; with the line.
    """
    if len(data) > MAX_DVC_BYTES:
        raise UndecidedError(
            f"{len(data)} bytes", where=where, expected=f"at most {MAX_DVC_BYTES} bytes"
        )
    try:
        text = data.decode("utf-8-sig")
        found = read_block(text)
        return read_any_form(text, where=where) if found is None else found
    except UnicodeDecodeError as error:
        raise UndecidedError(
            f"byte {error.start} is not UTF-8", where=where, expected="UTF-8 text"
        ) from None
    except yaml.YAMLError as error:
        raise _not_yaml(error, where, 0, UndecidedError) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise UndecidedError(f"not readable YAML: {error}", where=where) from None


def read_any_form(text: str, *, where: str) -> Any:  # noqa: ANN401  # whatever the text says
    """Read YAML of any form, as `read_dvc` does; it is the measure of `read_block`.

    Raises:
        UndecidedError: nested too deep.
        yaml.YAMLError, ValueError, TypeError, RecursionError: not YAML, or a key given twice.
    """
    if _may_be_deep(text):
        _bound_depth(text, where)
    return yaml.load(text, Loader=_Dvc)  # noqa: S506  # a subclass of the safe loader


def key_lines(data: bytes, *, where: str) -> dict[tuple[str, ...], int]:
    """Return the line of every key of a YAML or JSON file, by the keys and indices that lead to it.

    What aliases repeat is looked at once, where it is written out.

    Raises:
        UndecidedError: as `read_dvc` does.
    """
    read_dvc(data, where=where)  # refuses what is deep, damaged or no text
    root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.CSafeLoader)
    found: dict[tuple[str, ...], int] = {}
    waiting: list[tuple[tuple[str, ...], yaml.Node | None]] = [((), root)]
    seen: set[int] = set()
    while waiting:
        path, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            items = [(str(key.value), key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            items = [(str(index), item, item) for index, item in enumerate(node.value)]
        else:
            items = []
        for step, place, value in reversed(items):  # so that an anchor is met before its aliases
            found.setdefault((*path, step), place.start_mark.line + 1)
            waiting.append(((*path, step), value))
    return found


def _may_be_deep(text: str) -> bool:
    """Tell, cheaply and never wrongly "no", whether a text may nest deeper than the bound.

    libyaml's composer is recursive C and dies on 30,000 levels, so depth is bounded before it
    runs. A flow level costs a bracket; a column of indentation costs two block levels at most.
    """
    flow = text.count("[") + text.count("{")
    block = max((len(lead) for lead in re.findall(r"^[ \-?:]+", text, re.MULTILINE)), default=0)
    return flow > _MAX_DVC_DEPTH or 2 * block > _MAX_DVC_DEPTH


def _bound_depth(text: str, where: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DVC_DEPTH:
            raise UndecidedError(
                "nested too deep",
                where=f"{where}:{_line(event) + 1}",
                expected=f"at most {_MAX_DVC_DEPTH} levels",
            )
