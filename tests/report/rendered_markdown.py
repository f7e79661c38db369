"""What a Markdown reader makes of a document: an independent parser, with all that GitHub adds."""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ZERO_WIDTH_SPACE = "\u200b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The blocks of text of a document, and what kinds of tokens they are made of."""

    texts: tuple[str, ...]  # as a reader sees them
    kinds: tuple[str, ...]
    raw: tuple[str, ...]  # with the zero-width spaces that keep a mention from being one


def render(text: str) -> Rendered:
    """Return what becomes of a document, addresses in plain text made links as GitHub does."""
    parser = MarkdownIt("gfm-like")
    assert parser.linkify is not None
    # A bare `a.py` is an address to this parser, but to neither GitHub nor GitLab.
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    tokens = parser.parse(text)
    blocks = [token for token in tokens if token.type == "inline"]
    raw = tuple("".join(_text(block)) for block in blocks)
    return Rendered(
        texts=tuple(" ".join(t.replace(_ZERO_WIDTH_SPACE, "").split()) for t in raw),
        kinds=tuple(_kinds(tokens)),
        raw=raw,
    )


def _text(block: Token) -> Iterator[str]:
    for token in block.children or ():
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"


def _kinds(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        yield token.type
        yield from _kinds([t for t in token.children or () if t.type != "text"])
