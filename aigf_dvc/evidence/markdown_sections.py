"""The sections of a Markdown text: what people wrote under each heading."""

from collections.abc import Iterator

from msgspec import Struct

from aigf_dvc.evidence.markdown_lines import MarkdownLine, read_lines
from aigf_dvc.lazy_pattern import lazy_pattern

_HEADING = lazy_pattern(r" {0,3}(#{1,6})(?:[ \t]|\Z)")
_UNDERLINE = lazy_pattern(r" {0,3}(=+|-+)[ \t]*\Z")
_NO_PARAGRAPH = ("|", ">", "-", "*", "+")


class Line(Struct, frozen=True):
    """What can be seen of one line of a file."""

    number: int
    text: str


class Section(Struct, frozen=True, kw_only=True):
    """A heading, and all that stands below it up to the next one of its rank."""

    title: str
    level: int  # 1 to 6
    line: int
    lines: tuple[Line, ...]  # without comments, blank lines and the headings further down


def read_sections(text: str, *, first_line: int = 1) -> tuple[Section, ...]:
    """Take a Markdown text apart at its headings, in the order of the text."""
    reader = _Reader()
    for line in read_lines(text, first_line=first_line).lines:
        if line.seen and not line.seen.isspace():
            reader.take(line)
        else:
            reader.end_paragraph()
    return tuple(reader.sections())


class _Reader:
    """Gathers headings, and the lines below each."""

    def __init__(self) -> None:
        self._found: list[Section] = []  # with no lines yet
        self._own: list[list[Line]] = []  # those right below each heading
        self._paragraph: Line | None = None  # one line that an underline would make a heading

    def end_paragraph(self) -> None:
        self._paragraph = None

    def take(self, line: MarkdownLine) -> None:
        before, self._paragraph = self._paragraph, None
        if line.code_from:
            self._add(line)
        elif match := _HEADING.match(line.seen):
            title = line.seen[match.end() :].strip().rstrip("#").strip()
            self._open(title, len(match[1]), line.number)
        elif before is not None and (match := _UNDERLINE.match(line.seen)):
            if self._own:
                self._own[-1].pop()
            self._open(before.text.strip(), 1 if match[1][0] == "=" else 2, before.number)
        else:
            self._add(line)
            if not line.seen.startswith("    ") and line.seen.lstrip()[0] not in _NO_PARAGRAPH:
                self._paragraph = Line(line.number, line.seen)

    def sections(self) -> Iterator[Section]:
        """Yield each section with its lines; a line belongs to six sections at most."""
        for index, section in enumerate(self._found):
            lines = list(self._own[index])
            for below in range(index + 1, len(self._found)):
                if self._found[below].level <= section.level:
                    break
                lines += self._own[below]
            yield Section(
                title=section.title, level=section.level, line=section.line, lines=tuple(lines)
            )

    def _open(self, title: str, level: int, number: int) -> None:
        self._found.append(Section(title=title, level=level, line=number, lines=()))
        self._own.append([])

    def _add(self, line: MarkdownLine) -> None:
        if self._own:
            self._own[-1].append(Line(line.number, line.seen))
