"""A help page about a kind of rule, taken apart: the small part of Markdown that our pages use."""

from collections.abc import Iterator
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.lazy_pattern import lazy_pattern

_CELLS = lazy_pattern(r"(?<!\\)\|")
_LINK = lazy_pattern(r"\[([^\]]+)\]\(([^)]+)\)")
_KEY = "key"  # what the first column of a table of keys is called
_YAML = "yaml"


@unique
class Part(StrEnum):
    """What a block of a page is."""

    TITLE = "title"
    HEADING = "heading"
    WORDS = "words"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


class Block(Struct, frozen=True, kw_only=True):
    """One block of a page; a row has one text for each cell, all others have one text."""

    part: Part
    texts: tuple[str, ...]
    header: tuple[str, ...] = ()  # of the table that a row is in
    language: str = ""  # of a block of code

    @property
    def text(self) -> str:
        """Return the only text, or the first cell."""
        return self.texts[0]


class Key(Struct, frozen=True, kw_only=True):
    """One key that a table of the page explains; empty: it has no such column."""

    key: str
    meaning: str
    form: str = ""
    default: str = ""


class HelpPage(Struct, frozen=True, kw_only=True):
    """A page: its blocks in their order."""

    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """Return what the page is about."""
        return next((plain(b.text) for b in self.blocks if b.part is Part.TITLE), "")

    @property
    def purpose(self) -> str:
        """Return the page's first sentence."""
        words = next((plain(b.text) for b in self.blocks if b.part is Part.WORDS), "")
        sentence = words.removeprefix("Purpose.").strip().partition(". ")[0]
        return sentence.removesuffix(".") + "."

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return the keys that the tables of the page explain."""
        rows = [b for b in self.blocks if b.part is Part.ROW and b.header[0] == _KEY]
        return tuple(key for row in rows for key in _keys(row))

    @property
    def examples(self) -> tuple[str, ...]:
        """Return the rules and policies that the page shows."""
        return tuple(b.text for b in self.blocks if b.part is Part.CODE and b.language == _YAML)

    @property
    def sections(self) -> dict[str, str]:
        """Return the words under each heading."""
        found: dict[str, str] = {}
        heading = ""
        for block in self.blocks:
            if block.part is Part.HEADING:
                heading = block.text
            elif heading and block.part in (Part.WORDS, Part.ITEM, Part.ROW):
                words = ": ".join(map(plain, block.texts))
                found[heading] = f"{found[heading]}\n{words}" if heading in found else words
        return found


def read_help_page(markdown: str) -> HelpPage:
    """Read a page."""
    return HelpPage(blocks=tuple(_blocks(markdown.splitlines())))


def plain(text: str) -> str:
    """Return the words of a text without their marks."""
    return without_marks(text).replace("`", "")


def without_marks(text: str) -> str:
    """Return a text with addresses written out and no stress; code keeps its marks."""
    return _LINK.sub(r"\1 (\2)", text).replace("**", "").replace(r"\|", "|")


def help_page_as_json(page: HelpPage) -> dict[str, Json]:
    """Return a page for machines."""
    return {
        "name": page.name,
        "purpose": page.purpose,
        "keys": [
            {"key": k.key, "form": k.form, "default": k.default, "meaning": k.meaning}
            for k in page.keys
        ],
        "examples": list(page.examples),
        "sections": page.sections,
    }


def _keys(row: Block) -> Iterator[Key]:
    """Yield the keys of one row: several may share their meaning."""
    cells = dict(zip(row.header, map(plain, row.texts), strict=False))
    for name in cells[_KEY].split(", "):
        yield Key(
            key=name,
            meaning=cells.get("meaning", ""),
            form=cells.get("form", ""),
            default=cells.get("default", ""),
        )


def _blocks(lines: list[str]) -> Iterator[Block]:
    index = 0
    header: tuple[str, ...] = ()
    while index < len(lines):
        line = lines[index]
        if line.startswith("```"):
            ends = (n for n in range(index + 1, len(lines)) if lines[n].startswith("```"))
            end = next(ends, len(lines))
            code = "\n".join(lines[index + 1 : end])
            yield Block(part=Part.CODE, texts=(code,), language=line.strip("` "))
            index = end + 1
        elif line.startswith("|"):
            cells = _cells(line)
            if header and not _is_rule(cells):
                yield Block(part=Part.ROW, texts=cells, header=header)
            header = header or cells
            index += 1
        else:
            header = ()
            yield from _words(line)
            index += 1


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in _CELLS.split(line.strip().strip("|")))


def _is_rule(cells: tuple[str, ...]) -> bool:
    """Tell whether a line only rules off the header of a table."""
    return not set("".join(cells)) - set("-: ")


def _words(line: str) -> Iterator[Block]:
    text = line.strip()
    if text.startswith("# "):
        yield _block(Part.TITLE, text[2:])
    elif text.startswith("#"):
        yield _block(Part.HEADING, text.lstrip("#").strip())
    elif text.startswith(("- ", "* ")):
        yield _block(Part.ITEM, text[2:])
    elif text:
        yield _block(Part.WORDS, text)


def _block(part: Part, text: str) -> Block:
    return Block(part=part, texts=(text,))
