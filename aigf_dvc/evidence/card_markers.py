"""The marks in a card between which `aigf card fill` writes; all else in it is the author's.

    <!-- aigf:begin metrics -->
    <!-- aigf:end metrics -->

A mark is a line of its own. In a fenced block of code, or inside another comment, it is an example.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from aigf_dvc.errors import InputError
from aigf_dvc.evidence.markdown_lines import MarkdownLine, read_lines
from aigf_dvc.evidence.model_card import read_body
from aigf_dvc.lazy_pattern import lazy_pattern

BLOCKS = ("model", "metrics", "data", "parameters")
HEADING = "Facts from the pipeline"

_MARK = lazy_pattern(r" {0,3}<!-- aigf:(begin|end) ([a-z]{1,20}) -->[ \t]*(?:\r\n|\r|\n)?\Z")
_LIKE_A_MARK = lazy_pattern(r"<!--[ \t]*aigf[ \t]*:", re.IGNORECASE)
_FORM = "`<!-- aigf:begin NAME -->`, and `<!-- aigf:end NAME -->` below it, each alone on its line"
_LINE_END = lazy_pattern(r"\r\n|\r|\n")


class Block(Struct, frozen=True, kw_only=True):
    """A pair of marks, by the place of their lines in the list of all lines."""

    name: str
    begin: int
    end: int


def begin_mark(name: str) -> str:
    """Return the line above a block."""
    return f"<!-- aigf:begin {name} -->"


def end_mark(name: str) -> str:
    """Return the line below a block."""
    return f"<!-- aigf:end {name} -->"


def read_blocks(data: bytes, *, path: str) -> tuple[Block, ...]:
    """Return the blocks of a card, in its order.

    Raises:
        InputError: a mark is broken, unknown, nested, doubled or without its other half.
    """
    body = read_body(data, path=path)
    return _blocks(read_lines(body.text, first_line=body.first_line).lines, path)


def without_blocks(text: str, *, first_line: int = 1) -> str:
    """Return a text with its lines between marks emptied; as it is when a mark is wrong."""
    lines = read_lines(text, first_line=first_line).lines
    try:
        blocks = _blocks(lines, "")
    except InputError:
        return text
    if not blocks:
        return text
    hidden = {index for block in blocks for index in range(block.begin + 1, block.end)}
    return "".join("\n" if index in hidden else line.raw for index, line in enumerate(lines))


def fill_blocks(data: bytes, contents: Mapping[str, Sequence[str]], *, path: str) -> bytes:
    """Return a card with the blocks that it has filled in; with none, all are put at its end.

    Every byte outside the blocks is kept.

    Args:
        data: the card's bytes.
        contents: the lines of each block of BLOCKS, by its name.
        path: the card's name, for messages.

    Raises:
        InputError: as `read_blocks`; or something open at the end would swallow what is put there.
    """
    body = read_body(data, path=path)
    head = data[: len(data) - len(body.text.encode())]
    read = read_lines(body.text, first_line=body.first_line)
    blocks = _blocks(read.lines, path)
    if blocks:
        return head + _filled(read.lines, blocks, contents).encode()
    left_open = read.left_open
    if left_open is not None:
        raise InputError(
            f"{left_open.what} without an end", where=f"{path}:{left_open.line}",
            expected=f"`{left_open.end}` where it ends",
            hint="what is put at the end of the card would be part of it",
        )  # fmt: skip
    return data + _appendix(data.decode(), contents).encode()


def _blocks(lines: Sequence[MarkdownLine], path: str) -> tuple[Block, ...]:
    found: dict[str, Block] = {}
    opened: tuple[str, int] | None = None
    for index, line in enumerate(lines):
        if line.code_from or line.comment_from or not _LIKE_A_MARK.search(line.raw):
            continue
        word, name = _mark(line, path)
        if word == "begin":
            if opened is not None:
                raise _refused(f"the mark of {name} inside {opened[0]}", line, path)
            if name in found:
                raise _refused(f"a second block {name}", line, path)
            opened = (name, index)
        elif opened is None or opened[0] != name:
            raise _refused(f"the end of {name} without its beginning", line, path)
        else:
            found[name] = Block(name=name, begin=opened[1], end=index)
            opened = None
    if opened is not None:
        raise _refused(f"the beginning of {opened[0]} without its end", lines[opened[1]], path)
    return tuple(found.values())


def _mark(line: MarkdownLine, path: str) -> tuple[str, str]:
    match = _MARK.match(line.raw)
    if match is None:
        raise _refused(f"a broken mark: {line.raw.strip()[:60]!r}", line, path)
    if match[2] not in BLOCKS:
        raise _refused(f"the unknown block {match[2]}", line, path, f"one of {', '.join(BLOCKS)}")
    return match[1], match[2]


def _refused(found: str, line: MarkdownLine, path: str, expected: str = _FORM) -> InputError:
    return InputError(
        found, where=f"{path}:{line.number}", expected=expected,
        hint="correct the marks, or delete them all: `aigf card fill` then makes new ones. "
        "An example of a mark goes into a fenced block of code",
    )  # fmt: skip


def _filled(
    lines: Sequence[MarkdownLine], blocks: Sequence[Block], contents: Mapping[str, Sequence[str]]
) -> str:
    parts, at = [], 0
    for block in blocks:
        begin = lines[block.begin].raw
        line_end = _first_line_end(begin)
        parts += [line.raw for line in lines[at : block.begin + 1]]
        parts += [f"{line}{line_end}" for line in ("", *contents[block.name], "")]
        at = block.end
    return "".join([*parts, *(line.raw for line in lines[at:])])


def _appendix(text: str, contents: Mapping[str, Sequence[str]]) -> str:
    line_end = _first_line_end(text)
    lines = ["", f"## {HEADING}", ""]
    for name in BLOCKS:
        lines += [begin_mark(name), "", *contents[name], "", end_mark(name), ""]
    start = "" if not text or text.endswith(("\n", "\r")) else line_end
    return start + line_end.join(lines)


def _first_line_end(text: str) -> str:
    match = _LINE_END.search(text)
    return match.group() if match else "\n"
