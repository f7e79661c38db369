"""A card for people: its fields, its sections, and what is wrong; as text and as JSON."""

from collections.abc import Iterator

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.section_states import SectionState
from aigf_dvc.redaction import redact_text
from aigf_dvc.report.card_problems import problem_as_json
from aigf_dvc.report.model_card_text import model_card_as_json, model_card_text
from aigf_dvc.report.visible import cells, visible


class CardView(Struct, frozen=True, kw_only=True):
    """A card that was read, and what there is to say of it."""

    card: ModelCard
    sections: tuple[SectionState, ...]
    problems: tuple[CardProblem, ...]


def card_view_text(view: CardView) -> str:
    """Return the fields, then the sections with the state of each, then what is open."""
    return "\n".join((model_card_text(view.card), *_sections(view), *_open(view)))


def card_view_as_json(view: CardView) -> Json:
    """Return the fields with their places, the sections and the problems."""
    fields = model_card_as_json(view.card)
    return {
        **(fields if isinstance(fields, dict) else {}),
        "sections": [
            {
                "title": redact_text(state.title),
                "line": state.line or None,
                "filledIn": not state.problem,
                "problem": redact_text(state.problem),
                "askedFor": state.is_asked_for,
                "optional": state.is_optional,
            }
            for state in view.sections
        ],
        "problems": [problem_as_json(problem) for problem in view.problems],
    }


def _sections(view: CardView) -> Iterator[str]:
    if not view.sections:
        return
    yield "sections"
    titles = [visible(redact_text(state.title)) for state in view.sections]
    width = max(map(cells, titles))
    for title, state in zip(titles, view.sections, strict=True):
        if state.is_optional and not state.line:
            word = "left out, which is allowed"
        else:
            word = visible(redact_text(state.problem)) or "filled in"
        place = f"  ({view.card.path}:{state.line})" if state.line else ""
        yield f"  {title}{' ' * (width - cells(title))}  {word}{place}"


def _open(view: CardView) -> Iterator[str]:
    count = len(view.problems)
    if count:
        noun = "problem" if count == 1 else "problems"
        yield f"{count} {noun}: `aigf card lint {visible(view.card.path)}` tells how to mend them"
