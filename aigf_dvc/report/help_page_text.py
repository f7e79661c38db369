"""A help page as text for people at a terminal: headings, a list of keys, examples set in."""

import textwrap
from collections.abc import Iterator, Mapping

from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.report.help_page import Block, HelpPage, Part, plain, without_marks

_BOLD, _DIM, _CODE = "1", "2", "36"
_MARKED = lazy_pattern(r"`([^`]+)`")
_PAIR = 2  # columns
_NO_BREAK = "\N{NO-BREAK SPACE}"


def help_page_text(page: HelpPage, *, color: bool, width: int) -> str:
    """Return a page in lines of at most `width` columns; long words and code keep their length."""
    lines = list(_Page(color=color, width=width).lines(page))
    return "\n".join(lines).strip("\n") + "\n"


def help_list_text(purposes: Mapping[str, str], *, color: bool, width: int) -> str:
    """Return what each page is for, one paragraph a page."""
    page = _Page(color=color, width=width)
    column = max(map(len, purposes), default=0)
    lines = []
    for name, purpose in purposes.items():
        first, *rest = page.wrapped(purpose, f"{name:<{column}}  ", " " * (column + 2))
        lines += [page.paint(first[:column], _BOLD) + first[column:], *rest]
    return "\n".join(lines) + "\n"


class _Page:
    """The parts of the text, coloured or plain."""

    def __init__(self, *, color: bool, width: int) -> None:
        self._color = color
        self._width = width

    def lines(self, page: HelpPage) -> Iterator[str]:
        before = Part.TITLE
        for block in page.blocks:
            if block.part in (Part.HEADING, Part.WORDS, Part.CODE) or block.part is not before:
                yield ""
            yield from self._block(block)
            before = block.part

    def _block(self, block: Block) -> Iterator[str]:
        match block.part:
            case Part.TITLE | Part.HEADING:
                yield self.paint(plain(block.text), _BOLD)
            case Part.CODE:
                for line in block.text.splitlines():
                    yield self.paint(f"    {line}" if line else "", _CODE)
            case Part.ROW:
                yield from self._row(block)
            case Part.ITEM:
                yield from self.wrapped(block.text, "  - ", "    ")
            case Part.WORDS:
                yield from self.wrapped(block.text, "", "")

    def _row(self, row: Block) -> Iterator[str]:
        """Yield one row: its first cell and what is short on a line, its meaning below."""
        cells = dict(zip(row.header, row.texts, strict=False))
        first, *others = cells
        short = [plain(cells.pop(name, "")) for name in ("form", "default")]
        said = "; ".join(text for text in (short[0], _default(short[1])) if text)
        lead = f"  {plain(cells[first])}" + ("  " if said else "")
        top, *rest = self.wrapped(said, lead, " " * len(lead))
        yield self.paint(top[: len(lead)], _BOLD) + self.paint(top[len(lead) :], _DIM)
        yield from (self.paint(line, _DIM) for line in rest)
        for name in others:
            if name in cells:
                yield from self.wrapped(self._labelled(name, cells[name], row), "      ", "      ")

    def _labelled(self, name: str, text: str, row: Block) -> str:
        """Return a cell, with its column's name where the table has several such columns."""
        is_plain = len(row.header) == _PAIR or name == "meaning"
        return text if is_plain else f"{name}: {text}"

    def wrapped(self, text: str, first: str, others: str) -> list[str]:
        """Return lines; what is marked as code stays on one line, painted or, if long, in marks."""
        marked = _MARKED.sub(lambda found: self._whole(found[0]), without_marks(text))
        lines = textwrap.wrap(
            marked,
            self._width,
            initial_indent=first,
            subsequent_indent=others,
            break_long_words=False,
            break_on_hyphens=False,
        )
        painted = (self._code(line) for line in lines or [first.rstrip()])
        return [line.replace(_NO_BREAK, " ") for line in painted]

    def _whole(self, code: str) -> str:
        if " " in code or self._color:
            return code.replace(" ", _NO_BREAK)
        return plain(code)

    def _code(self, line: str) -> str:
        if not self._color:
            return line
        return plain(_MARKED.sub(lambda found: self.paint(found[1], _CODE), line))

    def paint(self, text: str, style: str) -> str:
        """Return a text in a style of ECMA-48, section 8.3.117, where colours are allowed."""
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and text.strip() else text


def _default(default: str) -> str:
    return f"default: {default}" if default and default != "required" else default
