"""The model card: Markdown with YAML front matter as on Hugging Face, or plain YAML or JSON.

Our fields stand under `governance:` in the front matter, or at the top level of the file.
"""

import re
from dataclasses import dataclass

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.strict_yaml import Document, read_strict

# The Hub's own rule. Source: REGEX_YAML_BLOCK of huggingface_hub.repocard
_FRONT_MATTER = re.compile(
    r"^(\s*---(?:\r\n|\r|\n))([\S\s]*?)((?:\r\n|\r|\n)---[ \t]*(?:\r\n|\n|\Z))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value of a card, and where it stands."""

    value: Json
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """A card that was read, and the digest of its bytes."""

    path: str
    sha256: Sha256
    document: Document

    def field(self, name: str) -> Field | None:
        """Return a field by its name, dots for nesting; `governance:` is looked at first."""
        steps = tuple(name.split("."))
        for path in (("governance", *steps), steps):
            value = self.document.value
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            if value is not None:
                return Field(value=value, where=self.document.place(*path))
        return None

    def place_for(self, name: str) -> str:
        """Return where a missing field belongs: the `governance:` block, or the front matter."""
        return self.document.place("governance", *name.split("."))


def read_model_card(data: bytes, *, path: str) -> ModelCard:
    """Read a card strictly; Markdown needs front matter, other files are YAML or JSON throughout.

    Raises:
        InputError: the card cannot be read; the message names file and line.
    """
    is_markdown = path.lower().endswith((".md", ".markdown"))
    document = read_front_matter(data, path=path) if is_markdown else read_strict(data, where=path)
    if not isinstance(document.value, dict):
        raise InputError(
            "no fields", where=path, expected="a mapping of field names to values",
            hint="start from the template: `aigf init` writes MODEL_CARD.md",
        )  # fmt: skip
    return ModelCard(path=path, sha256=sha256(data), document=document)


def read_front_matter(data: bytes, *, path: str) -> Document:
    """Read the YAML between the two `---` lines at the top of a Markdown file.

    Raises:
        InputError: there is no front matter, or it is not strict YAML.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start} is not UTF-8", where=path, expected="UTF-8 text"
        ) from None
    match = _FRONT_MATTER.match(text)
    if match is None:
        raise InputError(
            "no YAML front matter",
            where=f"{path}:1",
            expected="a line `---`, the fields, and a second line `---` at the top of the file",
        )
    first_line = match.group(1).count("\n") + 1
    return read_strict(match.group(2).encode(), where=path, first_line=first_line)
