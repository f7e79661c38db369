"""`aigf card new`: start a card or document from its template."""

from pathlib import Path

import click

from aigf_dvc.actions.card_new import new_card, write_new
from aigf_dvc.actions.card_templates import TYPES
from aigf_dvc.cli.options import FILE, talk
from aigf_dvc.cli.project_here import project_here
from aigf_dvc.evidence.card_lint import MODEL_CARD


@click.command(name="new")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--type", "kind", type=click.Choice(TYPES), default=MODEL_CARD, show_default=True,
              help="What to start.")  # fmt: skip
@click.option("--output", type=FILE, metavar="FILE",
              help="A new file to write; nothing is overwritten.")  # fmt: skip
def command(models: tuple[str, ...], kind: str, output: Path | None) -> None:
    """Start a card or document from its template; print it, or write it to a new file.

    In a project it is about MODEL, or about all models, and a data card names the data that they
    were made from. Each section says in a comment what belongs there, and which question of the EU
    AI Act, the NIST AI RMF or the GDPR it answers; until it is written, `aigf card lint` says so.

    \b
    Examples:
      aigf card new --type data-card --output governance/documents/data-card.md
      aigf card new fraud --output MODEL_CARD.md
      aigf card new --type monitoring-plan | less
    """
    data = new_card(kind, models, project=project_here())
    if output is None:
        click.echo(data.decode(), nl=False)
        return
    write_new(output, data)
    talk(f"wrote {output}; `aigf card lint {output}` tells what is to be filled in")
