"""The shipped templates of cards and documents: to fill in, and as what a lint asks for."""

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from aigf_dvc.actions.init_files import card_file, document_file
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.card_lint import MODEL_CARD
from aigf_dvc.evidence.card_template import CardTemplate, read_template

TYPES = (
    MODEL_CARD,
    "data-card",
    "risk-assessment",
    "bias-analysis",
    "human-oversight",
    "monitoring-plan",
)


class About(Struct, frozen=True, kw_only=True):
    """What a new card or document is about; what is not known is left to be filled in."""

    models: Mapping[str, str]  # name -> path
    data: Mapping[str, Sha256 | None]  # path -> digest, if it is known


def template_text(kind: str, about: About) -> bytes:
    """Return a card or document to fill in.

    Raises:
        InputError: a model card about more than one model.
    """
    if kind != MODEL_CARD:
        return document_file(kind, tuple(about.models), data=about.data)
    if len(about.models) != 1:
        raise InputError(
            f"a model card about {len(about.models)} models", expected="one model",
            hint=f"name one of them: {', '.join(about.models)}",
        )  # fmt: skip
    ((name, path),) = about.models.items()
    return card_file(name, path)


@cache
def templates() -> Mapping[str, CardTemplate]:
    """Return what each type of card or document should say."""
    sample = About(models={"model": "model.bin"}, data={})
    return {kind: read_template(template_text(kind, sample), kind=kind) for kind in TYPES}
