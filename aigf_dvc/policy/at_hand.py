"""Tells evidence that there is not from evidence that is only not here."""

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.model_evidence import ModelEvidence


def not_at_hand(where: str) -> UndecidedError:
    """Return the error for evidence that a statement names by digest only."""
    return UndecidedError(
        "the statement names it by digest only, and it is not at hand",
        where=where,
        hint="verify with `--from STORE`: large evidence lies beside the bundle there",
    )


def demand_at_hand(evidence: ModelEvidence) -> None:
    """Refuse to take for missing what may stand in evidence that is not here.

    Raises:
        UndecidedError: the statement names evidence by digest only.
    """
    if evidence.absent:
        raise not_at_hand(", ".join(evidence.absent))
