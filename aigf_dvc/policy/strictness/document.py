"""Compares two demands of the kind `document`: a younger one, more closely bound, is stricter."""

from aigf_dvc.policy.rules.document import Binding
from aigf_dvc.policy.strictness.change import Comparison, Direction, Judged, Setting
from aigf_dvc.policy.strictness.values import at_most, subject


def _bound_to(old: object, new: object) -> Judged:
    """Compare two bindings: each of them but `nothing` ties a document to something else."""
    if old is Binding.NOTHING:
        return Direction.TIGHTENS, "the document must say what it is about"
    if new is Binding.NOTHING:
        return Direction.WEAKENS, "the document may be about anything"
    return Direction.UNCLEAR, "another binding: a document may keep one and not the other"


def _signed_by(old: object, new: object) -> Judged:
    """Compare the roles in which a document must be signed; none is no signature."""
    if old and new:
        return Direction.UNCLEAR, "somebody else must sign it"
    if new:
        return Direction.TIGHTENS, "somebody must sign it"
    return Direction.WEAKENS, "nobody must sign it"


COMPARISON = Comparison(
    subject="document",
    settings={
        "document": Setting(key="document", compare=subject),
        "max_age_days": Setting(key="max_age", compare=at_most),
        "bound_to": Setting(key="bound_to", compare=_bound_to),
        "signed_by_role": Setting(key="signed_by_role", compare=_signed_by),
    },
)
