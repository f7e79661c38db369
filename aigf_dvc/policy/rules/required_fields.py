"""The rule kind `required-fields`: fields of the model card that must say something."""

from msgspec import Struct

from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.placeholders import why_empty
from aigf_dvc.policy.key_forms import TEXTS, key
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.verdict import Outcome


class RequiredFields(Struct, frozen=True, kw_only=True):
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


class _Gap(Struct, frozen=True, kw_only=True):
    field: str
    problem: str
    where: str

    @property
    def text(self) -> str:
        return f"{self.field} {self.problem}"

    def __str__(self) -> str:
        return f"{self.text} ({self.where})"


def _gap(card: ModelCard, name: str) -> _Gap | None:
    value = card.value(name)
    problem = why_empty(value) if value is not None else "is missing"
    if not problem:
        return None
    field = card.field(name)
    return _Gap(field=name, problem=problem, where=field.where if field else card.place_for(name))


def _read(section: Section) -> RequiredFields:
    return RequiredFields(fields=section.texts("fields"))


KIND = Kind(
    name="required-fields",
    read=_read,
    schema={"fields": key(TEXTS, "Fields of the model card, dots for nesting.")},
    required=("fields",),
)
