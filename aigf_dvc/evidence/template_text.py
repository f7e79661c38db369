"""Takes the templates of a text apart: `lead${a.b[0]} after ${c}`."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.lazy_pattern import lazy_pattern

_EXPRESSION = lazy_pattern(r"[^.\[\]]++(?:[ \t\r]*+(?:\.[^.\[\]]++|\[[^.\[\]]++\]))*+[ \t\r]*+\Z")


class Template(Struct, frozen=True):
    """One `${...}`, and the plain text after it."""

    name: str
    steps: tuple[str, ...]
    after: str


class Text(Struct, frozen=True):
    """A text with templates, taken apart."""

    lead: str
    templates: tuple[Template, ...]
    plain: int  # how many characters are no template
    is_exact: bool  # one template and nothing else


def take_apart(text: str, where: str) -> Text:
    """Return the parts of a text.

    Raises:
        UndecidedError: a template is malformed.
    """
    templates, plain, end = [], len(text), len(text)
    for start, close in reversed(tuple(_places(text))):
        name = text[start + 2 : close]
        if not _EXPRESSION.match(name):
            raise UndecidedError(
                f"the template {read.shown(f'${{{name}}}')}",
                where=where,
                expected="names with `.` or `[ ]` between them, such as ${train.layers[0]}",
                hint=r"for a plain ${ write \${",
            )
        steps = name.replace("[", ".").replace("]", "").split(".")
        after = text[close + 1 : end]
        templates.append(Template(name, tuple(step.strip() for step in steps), after))
        end = start
        plain -= close + 1 - start
    return Text(
        lead=text[:end],
        templates=tuple(reversed(templates)),
        plain=plain,
        is_exact=len(templates) == 1 and plain == 0,
    )


def _places(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield where each `${` and its `}` stand: on one line, the `${` without a `\` before it.

    A regular expression would look through the rest of the text again for every open `${`.
    """
    close = line_end = -1  # as far as was looked
    start = text.find("${")
    while start >= 0:
        if close < start + 2:
            close = text.find("}", start + 2)
        if close < 0:
            return
        if line_end < start:
            found = text.find("\n", start)
            line_end = len(text) if found < 0 else found
        if close < line_end and text[start - 1 : start] != "\\":
            yield start, close
            start = text.find("${", close + 1)
        else:
            start = text.find("${", start + 2)


def refuse_templates(value: object, where: str) -> None:
    """Refuse `${...}` where DVC does; what aliases repeat is looked at once.

    Raises:
        UndecidedError: a template is in the value.
    """
    waiting, seen = [value], set[int]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and any(_places(value)):
            raise UndecidedError(
                f"a template: {read.shown(value)}", where=where, expected="plain values"
            )
        if isinstance(value, Mapping | list) and id(value) not in seen:
            seen.add(id(value))
            waiting += (*value.keys(), *value.values()) if isinstance(value, Mapping) else value
