"""Reads Markdown line by line: which lines are code, and what of each is no comment.

Every character is looked at once or twice, whatever the text: it comes from repositories we judge.
"""

from functools import lru_cache

from msgspec import Struct

from aigf_dvc.lazy_pattern import lazy_pattern

# CommonMark's line ends, not all of those that Unicode has. Source: CommonMark 0.31, section 2.1
_LINE = lazy_pattern(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FENCE = lazy_pattern(r" {0,3}(`{3,}|~{3,})")


class MarkdownLine(Struct, frozen=True):
    """One line of a Markdown text."""

    number: int
    raw: str  # with its end
    seen: str  # what a reader of the page can see: no comments, no line end
    code_from: int = 0  # the line where the fenced block that it is part of begins; 0: none
    comment_from: int = 0  # the line where the comment begins that it begins in; 0: none


class LeftOpen(Struct, frozen=True):
    """A comment or fenced block of code that goes on to the end of a text."""

    what: str
    line: int  # where it begins
    end: str  # what would end it


class MarkdownText(Struct, frozen=True):
    """The lines of a Markdown text, and what is still open after the last."""

    lines: tuple[MarkdownLine, ...]
    left_open: LeftOpen | None


@lru_cache(maxsize=1)  # sections, marks and what is left open are looked for in the same text
def read_lines(text: str, *, first_line: int = 1) -> MarkdownText:
    """Return the lines of a Markdown text."""
    found = []
    fence, code_from, comment_from = "", 0, 0
    for number, raw in enumerate(_LINE.findall(text), start=first_line):
        line = raw.rstrip("\r\n")
        match = None if comment_from else _FENCE.match(line)
        after = line[match.end() :] if match else ""
        if fence:
            found.append(MarkdownLine(number, raw, line, code_from=code_from))
            if match and match[1].startswith(fence) and not after.strip():
                fence = ""
        elif match and not (match[1][0] == "`" and "`" in after):
            fence, code_from = match[1], number
            found.append(MarkdownLine(number, raw, line, code_from=code_from))
        else:
            seen, is_open = _without_comments(line, inside=bool(comment_from))
            found.append(MarkdownLine(number, raw, seen, comment_from=comment_from))
            if not is_open:
                comment_from = 0
            elif not comment_from or "-->" in line:
                comment_from = number
    return MarkdownText(tuple(found), _left_open(fence, code_from, comment_from))


def _left_open(fence: str, code_from: int, comment_from: int) -> LeftOpen | None:
    if fence:
        return LeftOpen("a block of code", code_from, fence)
    return LeftOpen("a comment", comment_from, "-->") if comment_from else None


def _without_comments(line: str, *, inside: bool) -> tuple[str, bool]:
    """Return a line without its comments, and whether one is open at its end."""
    if not inside and "<!--" not in line:
        return line, False
    kept: list[str] = []
    at = 0
    while True:
        if inside:
            end = line.find("-->", at)
            if end < 0:
                return "".join(kept), True
            at = end + 3
        start = line.find("<!--", at)
        if start < 0:
            return "".join([*kept, line[at:]]), False
        kept.append(line[at:start])
        at, inside = start + 4, True
