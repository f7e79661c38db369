"""The model card: Markdown with YAML front matter as on Hugging Face, or plain YAML or JSON.

Our fields stand under `governance:` in the front matter, or at the top level of the file.
"""

from functools import lru_cache

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import Document, read_strict

MAX_BYTES = 4 * 2**20
MAX_BODY_BYTES = 256 * 2**10
MAX_BODY_LINES = 5_000
"""A card is a page for people: what is larger or longer is not looked into line by line."""

# The Hub's own rule. Source: REGEX_YAML_BLOCK of huggingface_hub.repocard
_FRONT_MATTER = lazy_pattern(
    r"^(\s*---(?:\r\n|\r|\n))([\S\s]*?)((?:\r\n|\r|\n)---[ \t]*(?:\r\n|\n|\Z))"
)
_LINE_END = lazy_pattern(r"\r\n|\r|\n")


class Field(Struct, frozen=True, kw_only=True):
    """One value of a card, and where it stands."""

    value: Json
    where: str


class Body(Struct, frozen=True, kw_only=True):
    """The text of a card below its front matter."""

    text: str
    first_line: int  # of the file


class ModelCard(Struct, frozen=True, kw_only=True):
    """A card that was read, and the digest of its bytes."""

    path: str
    sha256: Sha256
    document: Document

    def field(self, name: str) -> Field | None:
        """Return a field by its name, dots for nesting; `governance:` is looked at first."""
        for path in _paths(name):
            value = self._at(path)
            if value is not None:
                return Field(value=value, where=self.document.place(*path))
        return None

    def value(self, name: str) -> Json:
        """Return the value of a field, or None: where it stands costs more than what it says."""
        first, second = _paths(name)
        value = self._at(first)
        return self._at(second) if value is None else value

    def _at(self, path: tuple[str, ...]) -> Json:
        value: Json = self.document.value
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def place_for(self, name: str) -> str:
        """Return where a missing field belongs: the `governance:` block, or the front matter."""
        return self.document.place("governance", *name.split("."))


@lru_cache(maxsize=1024)  # a policy asks every model for the same fields
def _paths(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return where a field may stand, the place that is looked at first before the other."""
    steps = tuple(name.split("."))
    return ("governance", *steps), steps


def read_model_card(data: bytes, *, path: str) -> ModelCard:
    """Read a card strictly; Markdown needs front matter, other files are YAML or JSON throughout.

    Raises:
        InputError: the card cannot be read; the message names file and line.
    """
    markdown = is_markdown(path)
    document = read_front_matter(data, path=path) if markdown else read_strict(data, where=path)
    if not isinstance(document.value, dict):
        raise InputError(
            "no fields", where=path, expected="a mapping of field names to values",
            hint="start from the template: `aigf init` writes MODEL_CARD.md",
        )  # fmt: skip
    return ModelCard(path=path, sha256=sha256(data), document=document)


def is_markdown(path: str) -> bool:
    """Tell whether a file has front matter and a body, by its name."""
    return path.lower().endswith((".md", ".markdown"))


def read_front_matter(data: bytes, *, path: str) -> Document:
    """Read the YAML between the two `---` lines at the top of a Markdown file.

    Raises:
        InputError: there is no front matter, or it is not strict YAML.
    """
    text, first_line = front_matter_text(data, path=path)
    return read_strict(text.encode(), where=path, first_line=first_line)


def front_matter_text(data: bytes, *, path: str) -> tuple[str, int]:
    """Return the YAML between the two `---` lines as it stands, and the line where it begins.

    Raises:
        InputError: the file is too large or not UTF-8, or there is no front matter.
    """
    text = _text(data, path)
    match = _FRONT_MATTER.match(text)
    if match is None:
        raise InputError(
            "no YAML front matter",
            where=f"{path}:1",
            expected="a line `---`, the fields, and a second line `---` at the top of the file",
        )
    return match.group(2), line_ends(match.group(1)) + 1


def read_body(data: bytes, *, path: str) -> Body:
    """Return the Markdown below the front matter; all of the text when there is none.

    Raises:
        InputError: the file is too large or too long, or not UTF-8.
    """
    text = _text(data, path)
    count = line_ends(text)
    if len(data) > MAX_BODY_BYTES or count > MAX_BODY_LINES:
        raise InputError(
            f"{len(data)} bytes in {count} lines",
            where=path,
            expected=f"at most {MAX_BODY_BYTES} bytes and {MAX_BODY_LINES} lines",
            hint="keep pictures and data in files of their own",
        )
    match = _FRONT_MATTER.match(text)
    end = match.end() if match else 0
    return Body(text=text[end:], first_line=line_ends(text[:end]) + 1)


def _text(data: bytes, path: str) -> str:
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{len(data)} bytes",
            where=path,
            expected=f"at most {MAX_BYTES} bytes",
            hint="keep pictures and data in files of their own",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start} is not UTF-8", where=path, expected="UTF-8 text"
        ) from None


def line_ends(text: str) -> int:
    """Return how many lines end in a text, as Markdown counts them."""
    return len(_LINE_END.findall(text))
