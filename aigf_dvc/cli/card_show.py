"""`aigf card show`: a card's fields, its sections, and what is missing."""

from pathlib import Path

import click

from aigf_dvc.actions.card_show import show_card, show_cards
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import FILE, format_option
from aigf_dvc.cli.project_here import project_here
from aigf_dvc.report.card_view import card_view_as_json, card_view_text


@click.command(name="show")
@click.argument("file", type=FILE, required=False)
@format_option
def command(file: Path | None, form: str) -> None:
    """Print a card's fields with their places, its sections, and what is missing.

    Without FILE: the card of each model of aigf.yaml. Secrets are left out.

    \b
    Examples:
      aigf card show
      aigf card show README.md
      aigf card show --format json | jq '.[0].sections'
    """
    if file is None:
        views = show_cards(find_project(Path.cwd()))
    else:
        views = (show_card(file, project=project_here()),)
    if form == "json":
        click.echo(pretty([card_view_as_json(view) for view in views]))
    else:
        click.echo("\n\n".join(map(card_view_text, views)))
