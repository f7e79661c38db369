"""Tells where Hugging Face reads a plain word of YAML otherwise than we do.

The Hub's readers follow YAML 1.1, in which `1.10` is the number 1.1 and `2026-11-20` a date; our
strict reader follows YAML 1.2. PyYAML's own table of forms decides, for it is the Hub's reader.
"""

from decimal import Decimal

import yaml
from msgspec import Struct

from aigf_dvc.lazy_pattern import lazy_pattern

_INTEGER = lazy_pattern(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_FRACTION = lazy_pattern(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}([eE][-+]?[0-9]{1,3})?\Z")
_LIKE_A_NUMBER = lazy_pattern(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = {
    "bool": "true or false",
    "float": "another number",
    "int": "another number",
    "merge": "an instruction to merge",
    "null": "nothing",
    "timestamp": "a date",
    "value": "a default value",
}


class Misreading(Struct, frozen=True, kw_only=True):
    """A plain word, and what the Hub takes it for."""

    line: int
    text: str
    read_as: str


def misreadings(text: str, *, first_line: int = 1) -> tuple[Misreading, ...]:
    """Return the plain words that mean two things, of a text that `read_strict` accepts."""
    found = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.ScalarEvent) and not event.style:
            read_as = _otherwise(event.value)
            if read_as:
                line = (event.start_mark.line if event.start_mark else 0) + first_line
                found.append(Misreading(line=line, text=event.value, read_as=read_as))
    return tuple(found)


def _otherwise(text: str) -> str:
    """Return what the Hub takes a plain word for, when that is not what we do."""
    kind = _kind(text)
    if kind == "str":
        return "a text" if _LIKE_A_NUMBER.match(text) else ""
    if kind == "int" and _INTEGER.match(text):
        return ""
    if kind == "float" and _FRACTION.match(text):
        return _lost(text)
    if (kind == "bool" and text in ("true", "false")) or (
        kind == "null" and text in ("", "~", "null")
    ):
        return ""
    return _KINDS[kind]


def _kind(text: str) -> str:
    forms = yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], [])
    tag = next((tag for tag, form in forms if form.match(text)), "tag:yaml.org,2002:str")
    return tag.rpartition(":")[2]


def _lost(text: str) -> str:
    """Return the number that is left of a fraction whose last digits are lost."""
    number = float(text)
    digits = text.lower().partition("e")[0].partition(".")[2]
    if Decimal(repr(number)) != Decimal(text) or (len(digits) > 1 and digits.endswith("0")):
        return f"the number {number!r}"
    return ""
