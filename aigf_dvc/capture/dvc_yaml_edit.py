"""Adds one stage to the text of a dvc.yaml, and touches nothing else; the home of PyYAML's marks.

The new lines are spliced in after the last stage, or at the end of a file without stages. Loading
and dumping again would lose comments, quoting and order. The result is read again and must differ
by the new stage alone.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import read_dvc

_BOM = "\ufeff"
_PLAIN = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_INDENT = 2
_IN_ITS_OWN_FILE = "put it into a file of its own with `aigf init --stage-file governance/dvc.yaml`"


class NewStage(Struct, frozen=True, kw_only=True):
    """A stage to add; every text stands for itself, and none for a template of DVC's."""

    name: str
    command: str
    deps: tuple[str, ...]
    directory: str = ""  # `wdir:`, relative to the dvc.yaml; empty: its own folder
    comment: str = ""

    def value(self) -> dict[str, object]:
        """Return the stage as YAML has it."""
        wdir = {"wdir": self.directory} if self.directory else {}
        return {"cmd": self.command, **wdir, "deps": [_no_template(path) for path in self.deps]}


class _Layout(Struct, frozen=True, kw_only=True):
    """How the stages of a file are laid out."""

    stage_column: int
    key_column: int
    item_offset: int  # of a list's items, to the right of the list's key
    end: int  # where a new stage goes
    spaced: bool  # there are blank lines between the stages
    opens: bool = False  # there is no `stages:` yet


_OF_A_NEW_FILE = _Layout(
    stage_column=_INDENT,
    key_column=2 * _INDENT,
    item_offset=_INDENT,
    end=0,
    spaced=False,
    opens=True,
)


def yaml_text(text: str) -> str:
    """Return a text as a YAML scalar, quoted when it could be read as anything else."""
    is_plain = _PLAIN.match(text) and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def add_stage(data: bytes | None, stage: NewStage, *, where: str) -> bytes:
    """Return a dvc.yaml with one more stage, the last.

    Args:
        data: the file's bytes; None when there is no file yet.
        stage: what to add.
        where: the file's name, for messages.

    Raises:
        InputError: it has a stage of that name, or is laid out so that no stage can be added to
            its text; the hint has the lines to paste.
        UndecidedError: it is not YAML.
    """
    if data is None:
        return f"{_stage_text(stage)}\n".encode()
    before = read_dvc(data, where=where)
    if isinstance(before, dict) and stage.name in (before.get("stages") or {}):
        raise _taken(where, stage)
    text = data.decode("utf-8-sig")
    bom = _BOM if data.startswith(_BOM.encode()) else ""
    layout = _layout(text)
    after = (bom + _splice(text, stage, layout)).encode() if layout is not None else b""
    if not _adds_it_alone(before, after, stage, where):
        raise _odd(where, stage)
    return after


def _stage_text(stage: NewStage) -> str:
    """Return a stage as the lines of a dvc.yaml of its own."""
    return "\n".join(_lines(stage, _OF_A_NEW_FILE))


def _splice(text: str, stage: NewStage, layout: _Layout) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    head, tail = text[: layout.end], text[layout.end :]
    added = newline.join([""] * layout.spaced + list(_lines(stage, layout)))
    if head.endswith("\n"):
        return head + added + newline + tail
    return head + newline + added + tail  # the file has no line end at its end, and keeps none


def _lines(stage: NewStage, layout: _Layout) -> Iterator[str]:
    name, key = " " * layout.stage_column, " " * layout.key_column
    if layout.opens:
        yield "stages:"
    if stage.comment:
        yield f"{name}# {stage.comment}"
    yield f"{name}{stage.name}:"
    yield f"{key}cmd: {stage.command}"
    if stage.directory:
        yield f"{key}wdir: {stage.directory}"
    yield f"{key}deps:"
    for path in stage.deps:
        yield f"{key}{' ' * layout.item_offset}- {yaml_text(_no_template(path))}"


def _no_template(text: str) -> str:
    return text.replace("${", r"\${")


def _layout(text: str) -> _Layout | None:
    """Return how a file is laid out; None when it leaves no place for a stage."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    stages = _child(root, "stages")
    if not isinstance(root, yaml.MappingNode) or not _is_block(root):
        return None
    if stages is None:
        end = _end_of_content(text, root, column=0)
        return replace(_OF_A_NEW_FILE, end=end, spaced=True)
    if not isinstance(stages, yaml.MappingNode) or not _is_block(stages):
        return None
    names = [name for name, _ in stages.value]
    bodies = [body for _, body in stages.value if _is_block(body)]
    column = names[0].start_mark.column
    return _Layout(
        stage_column=column,
        key_column=bodies[0].value[0][0].start_mark.column if bodies else column + _INDENT,
        item_offset=next(_item_offsets(bodies), _INDENT),
        end=_end_of_content(text, stages, column),
        spaced=any(_follows_blank_line(text, name.start_mark.index) for name in names[1:]),
    )


def _child(root: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _is_block(node: yaml.Node | None) -> bool:
    """Tell whether a mapping is written over several lines, and not in braces."""
    return isinstance(node, yaml.MappingNode) and not node.flow_style and bool(node.value)


def _item_offsets(bodies: list[yaml.MappingNode]) -> Iterator[int]:
    for body in bodies:
        for key, value in body.value:
            if isinstance(value, yaml.SequenceNode) and not value.flow_style:
                yield value.start_mark.column - key.start_mark.column


def _end_of_content(text: str, stages: yaml.MappingNode, column: int) -> int:
    """Return where the last stage's lines end: before the blank lines and comments that follow it.

    Events, not nodes, are looked at: the node of an alias stands where its anchor is.
    """
    start, stop = stages.start_mark.index, stages.end_mark.index
    ends = [
        _index(event.end_mark)
        for event in yaml.parse(text, Loader=yaml.CSafeLoader)
        if start <= _index(event.start_mark) < stop and _is_content(event)
    ]
    end = max(ends)
    if text[end - 1] != "\n":
        end = _line_end(text, end)
    while text[:end].endswith(("\n\n", "\n\r\n")):  # a block scalar's mark is after its blank lines
        end -= 2 if text[:end].endswith("\r\n") else 1
    return _after_own_comments(text, end, column)


def _is_content(event: yaml.Event) -> bool:
    """Tell whether an event stands for characters; a block collection's end stands for none."""
    if isinstance(event, yaml.CollectionEndEvent):
        return _index(event.end_mark) > _index(event.start_mark)
    return isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)


def _index(mark: Any) -> int:  # noqa: ANN401  # PyYAML's or libyaml's mark; its stubs allow None
    return int(mark.index)


def _line_end(text: str, index: int) -> int:
    return text.find("\n", index) + 1 or len(text)


def _after_own_comments(text: str, end: int, column: int) -> int:
    """Step over comments that are indented as the stages are: they belong to the last one."""
    at = end
    while at < len(text):
        next_line = _line_end(text, at)
        line = text[at:next_line]
        indent = len(line) - len(line.lstrip(" "))
        if line.strip() and not (line.lstrip().startswith("#") and indent >= column):
            break
        at = next_line
        if line.strip():
            end = at
    return end


def _follows_blank_line(text: str, index: int) -> bool:
    """Tell whether a stage, with the comments right above it, stands after a blank line."""
    for line in reversed(text[:index].split("\n")[:-1]):
        if not line.lstrip().startswith("#"):
            return not line.strip()
    return False


def _adds_it_alone(
    before: Mapping[str, Any], after: bytes, stage: NewStage, where: str
) -> bool:  # Any: loaded YAML
    if not after:
        return False
    stages = (before.get("stages") or {}) | {stage.name: stage.value()}
    found = read_dvc(after, where=where)
    same_order = list(found) == list({**before, "stages": stages})
    same_order &= list(found["stages"]) == list(stages)
    return same_order and bool(found == {**before, "stages": stages})


def _taken(where: str, stage: NewStage) -> InputError:
    return InputError(
        f"a stage {stage.name} of yours",
        where=where,
        expected=f"that name free, or a stage that runs `{stage.command}`",
        hint=f"rename it, or {_IN_ITS_OWN_FILE}, or paste this under another name:\n"
        + _to_paste(stage),
    )


def _odd(where: str, stage: NewStage) -> InputError:
    return InputError(
        "its layout leaves no safe place for a new stage",
        where=where,
        expected="`stages:` with one stage below the other, not in braces",
        hint=f"{_IN_ITS_OWN_FILE}, or write `stages:` so, and paste below it:\n" + _to_paste(stage),
    )


def _to_paste(stage: NewStage) -> str:
    return _stage_text(stage).partition("\n")[2]
