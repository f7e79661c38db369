"""What the template of a card or document asks for: fields of the front matter, and sections.

A comment that begins with `Optional` says so of the field or section that it speaks of: then it may
be left out, but not left unfilled.
"""

from msgspec import Struct

from aigf_dvc.evidence.card_markers import HEADING
from aigf_dvc.evidence.markdown_sections import read_sections
from aigf_dvc.evidence.model_card import front_matter_text, read_body
from aigf_dvc.lazy_pattern import lazy_pattern

_FIELD = lazy_pattern(r"(?: {2})?([a-z_]+):(?: .*)?\Z")
_OPTIONAL = lazy_pattern(r"[ ]*# Optional\b")
_OPTIONAL_SECTION = "<!-- Optional"
_NOT_A_LETTER = lazy_pattern(r"[\W_]+")
_OUR_BLOCK = "governance"

# The same section under other names, as other templates have it.
_ALSO_CALLED = {
    "model details": ("model", "model description", "details", "description"),
    "intended use": ("uses", "intended uses", "direct use", "intended uses limitations"),
    "out of scope use": ("out of scope", "out of scope uses", "misuse and out of scope use"),
    "training data": ("training details", "data", "training"),
    "evaluation": ("evaluation results", "results", "metrics", "performance"),
    "bias risks and limitations": (
        "bias and limitations", "limitations and bias", "limitations", "risks and limitations",
        "ethical considerations", "bias",
    ),
}  # fmt: skip


class WantedField(Struct, frozen=True, kw_only=True):
    """A field that the template has."""

    name: str
    is_optional: bool = False


class WantedSection(Struct, frozen=True, kw_only=True):
    """A section that the template has."""

    title: str
    is_optional: bool
    lines: frozenset[str]  # what stands there before anybody has written anything


class CardTemplate(Struct, frozen=True, kw_only=True):
    """What one type of card or document should say."""

    type: str
    fields: tuple[WantedField, ...]
    sections: tuple[WantedSection, ...]


def read_template(data: bytes, *, kind: str) -> CardTemplate:
    """Read a template whose names are filled in.

    Raises:
        InputError: it has no front matter.
    """
    name = f"{kind}.md"
    body = read_body(data, path=name).text
    raw = body.splitlines()
    return CardTemplate(
        type=kind,
        fields=_fields(front_matter_text(data, path=name)[0]),
        sections=tuple(
            WantedSection(
                title=section.title,
                is_optional=_is_optional(raw, section.line),
                lines=frozenset(line.text.strip() for line in section.lines),
            )
            for section in read_sections(body)
            if section.level > 1 and section.title != HEADING
        ),
    )


def names_of(title: str) -> frozenset[str]:
    """Return the plain headings under which a section of the template may stand."""
    name = plain_title(title)
    return frozenset({name, *_ALSO_CALLED.get(name, ())})


def plain_title(title: str) -> str:
    """Return a heading without case, numbering and punctuation."""
    return _NOT_A_LETTER.sub(" ", title.casefold()).strip(" 0123456789")


def _fields(front: str) -> tuple[WantedField, ...]:
    """Return the fields of our block, or of a document's own front matter, from the lines."""
    lines = front.splitlines()
    indent = "  " if f"{_OUR_BLOCK}:" in lines else ""
    found = []
    is_optional = False
    for line in lines:
        match = _FIELD.match(line)
        if match and match.start(1) == len(indent):
            found.append(WantedField(name=match[1], is_optional=is_optional))
        is_optional = bool(_OPTIONAL.match(line)) or (is_optional and line.lstrip().startswith("#"))
    return tuple(field for field in found if field.name not in ("type", _OUR_BLOCK))


def _is_optional(raw: list[str], line: int) -> bool:
    below = (text for text in raw[line:] if text.strip())
    return next(below, "").startswith(_OPTIONAL_SECTION)
