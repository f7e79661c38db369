"""`aigf card`: start, check, show and fill in model cards and governance documents."""

import click

from aigf_dvc.cli.lazy_group import LazyGroup

_COMMANDS = {
    "lint": "Find everything that is wrong in model cards and documents.",
    "show": "Print a card's fields, its sections, and what is missing.",
    "fill": "Write what the pipeline knows into model cards.",
    "new": "Start a card or document from its template.",
}


@click.command(name="card", cls=LazyGroup, folder="aigf_dvc.cli.card_", commands=_COMMANDS)
def command() -> None:
    """Start, check, show and fill in model cards and governance documents.

    A card is Markdown with YAML front matter, as on Hugging Face, with our fields under
    `governance:`; aigf.yaml says where it is, and README.md will do.

    \b
    Examples:
      aigf card new --type data-card --output governance/documents/data-card.md
      aigf card fill && git add MODEL_CARD.md
      aigf card lint
      aigf card show README.md
    """
