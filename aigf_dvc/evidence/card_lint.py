"""Finds what is wrong in a model card or governance document: every problem, with its line."""

import datetime
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from aigf_dvc.close_names import close_names
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.card_markers import read_blocks
from aigf_dvc.evidence.card_problem import CardProblem, as_problem
from aigf_dvc.evidence.card_template import CardTemplate
from aigf_dvc.evidence.governance_document import read_governance_document
from aigf_dvc.evidence.hub_metadata import hub_problems, license_problems
from aigf_dvc.evidence.hub_model_index import MODEL_INDEX
from aigf_dvc.evidence.model_card import ModelCard, is_markdown, read_model_card
from aigf_dvc.evidence.placeholders import is_unfinished, why_empty
from aigf_dvc.evidence.section_states import section_problems
from aigf_dvc.lazy_pattern import lazy_pattern

MODEL_CARD = "model-card"
RISK_TIER = "risk_tier"

_DATE = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_DATE_FIELD = lazy_pattern(r"(?:.*_)?(?:date|expires|until|reviewed)\Z")
_SHOWN = 60


class Demands(Struct, frozen=True, kw_only=True):
    """What a card is held against."""

    templates: Mapping[str, CardTemplate]  # by the type that a document gives itself
    fields: tuple[str, ...] = ()  # what the policy asks for, beside the template
    tiers: tuple[str, ...] = ()  # what the policy knows; empty: any text


def lint_card(data: bytes, *, path: str, demands: Demands) -> tuple[CardProblem, ...]:
    """Return every problem of a card or document, from its top to its end.

    Args:
        data: its bytes.
        path: its name, for the places; it decides between Markdown and plain YAML or JSON.
        demands: the templates, and what the policy adds to them.
    """
    try:
        card = read_model_card(data, path=path)
        found = list(_problems(card, data, demands))
    except InputError as error:
        return (as_problem(error),)
    unique = {(problem.where, problem.found): problem for problem in found}
    return tuple(sorted(unique.values(), key=lambda problem: problem.line))


def type_of(card: ModelCard) -> str:
    """Return the type that a document gives itself; what has none is a model card."""
    kind = card.document.value.get("type")
    return kind if isinstance(kind, str) else MODEL_CARD


def _problems(card: ModelCard, data: bytes, demands: Demands) -> Iterator[CardProblem]:
    kind = type_of(card)
    template = demands.templates.get(kind)
    if kind == MODEL_CARD:
        if is_markdown(card.path):
            yield from hub_problems(card, data)
        yield from _risk_tier(card, demands.tiers)
    else:
        yield from _document(card, data, kind)
    wanted = _wanted(template, demands if kind == MODEL_CARD else None)
    yield from _fields(card, wanted)
    yield from _values(card)
    yield from license_problems(card)
    if is_markdown(card.path):
        yield from section_problems(data, path=card.path, template=template)
        try:
            read_blocks(data, path=card.path)
        except InputError as error:
            yield as_problem(error)


def _wanted(template: CardTemplate | None, demands: Demands | None) -> dict[str, bool]:
    """Return the fields to look at, and whether each may be left out."""
    wanted = {field.name: field.is_optional for field in template.fields} if template else {}
    return wanted | dict.fromkeys(demands.fields if demands else (), False)


def _document(card: ModelCard, data: bytes, kind: str) -> Iterator[CardProblem]:
    """Yield what the gates would refuse in a document; what is unfilled is said elsewhere."""
    fields = card.document.value
    if any(name in fields and why_empty(fields[name]) for name in ("date", "digests")):
        return
    try:
        read_governance_document(data, path=card.path, kind=kind)
    except InputError as error:
        yield as_problem(error)


def _fields(card: ModelCard, wanted: Mapping[str, bool]) -> Iterator[CardProblem]:
    for name, is_optional in wanted.items():
        field = card.field(name)
        stands = _stands(card, name)
        if field is None and is_optional and not stands:
            continue
        value = field.value if field is not None else None
        problem = why_empty(value) if stands else "is missing"
        if problem:
            yield CardProblem(
                where=field.where if field is not None else card.place_for(name),
                found=f"{name} {problem}",
                expected="an answer",
                remedy=f"fill in `{name}:`; placeholders do not count",
            )


def _stands(card: ModelCard, name: str) -> bool:
    steps = tuple(name.split("."))
    return any(path in card.document.lines for path in (("governance", *steps), steps))


def _values(card: ModelCard) -> Iterator[CardProblem]:
    """Yield every placeholder, and every date that is none, wherever it stands."""
    for path, value in _leaves(card.document.value, ()):
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        empty = why_empty(value)
        if isinstance(value, str) and is_unfinished(value):
            yield CardProblem(
                where=card.document.place(*path),
                found=f"{_dotted(path)} {empty}",
                expected="an answer",
                remedy=f"fill in `{name}:`; placeholders do not count",
            )
        elif not empty and _DATE_FIELD.match(name) and not _is_date(value):
            yield CardProblem(
                where=card.document.place(*path),
                found=f"{_dotted(path)} is {str(value)[:_SHOWN]!r}, which is no date",
                expected="a day such as 2026-11-20",
                remedy="write year, month and day, with two digits each for the last two",
            )


def _leaves(
    value: object, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], object]]:
    items: Iterable[tuple[str | int, object]]
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        yield path, value
        return
    for step, item in items:
        if (*path, step) != (MODEL_INDEX,):
            yield from _leaves(item, (*path, step))


def _dotted(path: tuple[str | int, ...]) -> str:
    """Return the name of a value as `_fields` has it: without our block and the places in lists."""
    steps = [str(step) for step in path if isinstance(step, str)]
    return ".".join(steps[1:] if steps[:1] == ["governance"] and len(steps) > 1 else steps)


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not _DATE.match(value):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _risk_tier(card: ModelCard, tiers: tuple[str, ...]) -> Iterator[CardProblem]:
    field = card.field(RISK_TIER)
    if field is None or why_empty(field.value):
        return
    text = field.value.strip() if isinstance(field.value, str) else ""
    if text and (not tiers or text in tiers):
        return
    near = close_names(text, tiers)
    yield CardProblem(
        where=field.where,
        found=f"{RISK_TIER} is {str(field.value)[:_SHOWN]!r}",
        expected=f"one of {', '.join(tiers)}, which the policy knows" if tiers else "a text",
        remedy=f"did you mean `{near[0]}`?" if near else "an unknown tier is judged as the highest",
    )
