"""The rule kind `required-fields`: fields of the model card that must say something."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.verdict import Outcome

# Marks of unfinished work. Lower-case `todo` may begin a sentence in Spanish, so it needs more.
_UNFINISHED = re.compile(
    r"(?:TODO|TBD|FIXME|XXX)\b"
    r"|(?i:todo|tbd|tba|tbc|fixme|xxx+)\s*(?:[^\w\s]|\Z)"
    r"|(?i:to be (?:done|determined|defined|decided|added|completed|confirmed|written|filled))\b"
    r"|(?i:fill (?:in|me|this|out)|lorem ipsum|placeholder|change ?me)\b"
)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\[more information needed\]", re.IGNORECASE | re.DOTALL)
# `<your name>`, but not `<team@bank.example>` or `<https://bank.example>`
_SLOT = re.compile(r"<[^<>@:]*>\Z")
_NOTHING = frozenset(
    {"n/a", "na", "none", "null", "nil", "unknown", "undefined", "not applicable", "not available"}
)
_WRAPPING = " \t\r\n.!?*_`'\"()[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredFields:
    """The fields that the card must fill in; dots for nesting."""

    fields: tuple[str, ...]

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny when a field is absent, empty or a placeholder; name every one of them."""
        count = len(self.fields)
        expected = "the field filled in" if count == 1 else f"all {count} fields filled in"
        card = case.evidence.card
        if card is None:
            return (
                Judgement(
                    outcome=Outcome.DENIED,
                    observed="there is no model card",
                    expected=f"a model card that fills in {', '.join(self.fields)}",
                    where=case.evidence.card_path,
                    remedy=f"write {case.evidence.card_path}: `aigf init` makes one to fill in",
                ),
            )
        gaps = [gap for name in self.fields if (gap := _gap(card, name))]
        if not gaps:
            return (
                Judgement(
                    outcome=Outcome.PASSED,
                    observed=f"{count} of {count} fields are filled in",
                    expected=expected,
                    where=card.path,
                ),
            )
        return (
            Judgement(
                outcome=Outcome.DENIED,
                observed=gaps[0].text if len(gaps) == 1 else "; ".join(map(str, gaps)),
                expected=expected,
                where=gaps[0].where,
                remedy=f"fill in {', '.join(gap.field for gap in gaps)} under `governance:` at "
                f"the top of {card.path}; placeholders do not count",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    field: str
    problem: str
    where: str

    @property
    def text(self) -> str:
        return f"{self.field} {self.problem}"

    def __str__(self) -> str:
        return f"{self.text} ({self.where})"


def _gap(card: ModelCard, name: str) -> _Gap | None:
    field = card.field(name)
    if field is None:
        return _Gap(field=name, problem="is missing", where=card.place_for(name))
    problem = why_empty(field.value)
    return _Gap(field=name, problem=problem, where=field.where) if problem else None


def why_empty(value: object) -> str:
    """Return why a value says nothing, or an empty text when it says something.

    A mark of unfinished work anywhere in a list or mapping leaves the whole value unfinished;
    an empty part, or one that says "none", only when all the other parts are so, too.
    """
    leaves = list(_leaves(value))
    unfinished = next((leaf for leaf in leaves if _is_unfinished(leaf)), None)
    if unfinished is not None:
        return f'is the placeholder "{unfinished[:60].strip()}"'
    if any(not _is_nothing(leaf) for leaf in leaves):
        return ""
    word = next((leaf.strip() for leaf in leaves if leaf.strip()), "")
    return f'is only "{word}"' if word else "is empty"


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield str(value)


def _is_unfinished(text: str) -> bool:
    bare = text.strip(_WRAPPING)
    return bool(
        _UNFINISHED.match(bare) or _TEMPLATE.search(text) or _SLOT.match(text.strip(_WRAPPING))
    )


def _is_nothing(text: str) -> bool:
    bare = text.strip(_WRAPPING)
    return bare.casefold() in _NOTHING or not any(character.isalnum() for character in bare)


def _read(section: Section) -> RequiredFields:
    return RequiredFields(fields=section.texts("fields"))


KIND = Kind(name="required-fields", read=_read)
