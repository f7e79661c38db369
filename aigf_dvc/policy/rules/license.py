"""The rule kind `license`: the licence that the model card names."""

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.license_name import OTHER, license_names
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Outcome

_FIELD = "license"
SAYS_NOTHING = frozenset({OTHER, "unknown", "unlicensed", "none", "n/a", "tbd", "todo"})


class AllowedLicense(Struct, frozen=True, kw_only=True):
    """The licences that a model may have; names are compared without regard to case."""

    allow: tuple[str, ...] = ()  # empty: all but the denied ones
    deny: tuple[str, ...] = ()

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny a licence that is not allowed by name, and a card that names none."""
        card = case.evidence.card
        if card is None:
            return (self._denied("there is no model card", case.evidence.card_path),)
        field, own = card.field(_FIELD), card.field("license_name")
        if field is None:
            return (self._denied("the card names no license", card.place_for(_FIELD)),)
        names = license_names(field.value, own.value if own else None)
        if not names:
            return (self._denied(f"license is {shown(field.value)}", field.where),)
        wrong = [name for name in names if not self._is_allowed(name)]
        if wrong:
            return (self._denied(f"license is {', '.join(wrong)}", field.where),)
        return (self._passed(names, card),)

    def _is_allowed(self, name: str) -> bool:
        known = name.casefold()
        if known in _folded(self.deny):
            return False
        return known in _folded(self.allow) or not (self.allow or known in SAYS_NOTHING)

    def _passed(self, names: tuple[str, ...], card: ModelCard) -> Judgement:
        return Judgement(
            outcome=Outcome.PASSED,
            observed=f"license is {', '.join(names)}",
            expected=self._expected(),
            where=card.path,
        )

    def _denied(self, observed: str, where: str) -> Judgement:
        return Judgement(
            outcome=Outcome.DENIED,
            observed=observed,
            expected=self._expected(),
            where=where,
            remedy="write the licence under which the model may be used as `license:` at the top "
            f"of the card ({where}); with `license: other` its name as `license_name:`",
        )

    def _expected(self) -> str:
        allowed = f"one of {', '.join(self.allow)}" if self.allow else "a licence by its name"
        return allowed + (f", and none of {', '.join(self.deny)}" if self.deny else "")


def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _read(section: Section) -> AllowedLicense:
    allow = section.texts("allow") if section.has("allow") else ()
    deny = section.texts("deny") if section.has("deny") else ()
    if not (section.has("allow") or section.has("deny")):
        section.refuse(None, "a license rule without a list", "`allow:`, `deny:` or both")
    return AllowedLicense(allow=allow, deny=deny)


_NAMES: dict[str, Json] = {
    "type": "array", "items": {"type": "string", "minLength": 1},
    "minItems": 1, "uniqueItems": True,
}  # fmt: skip

KIND = Kind(
    name="license",
    read=_read,
    schema={
        "allow": _NAMES | {"description": "The licences that a model may have."},
        "deny": _NAMES | {"description": "Those that it may not have."},
    },
)
