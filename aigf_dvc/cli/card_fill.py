"""`aigf card fill`: write what the pipeline knows into model cards."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.card_fill import FilledCard, fill_cards, write_cards
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import format_option, reading_progress
from aigf_dvc.report.card_fill_text import card_difference
from aigf_dvc.report.visible import visible


@click.command(name="fill")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--check", "only_check", is_flag=True,
              help="Write nothing; exit with 1 when a card is out of date.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would change.")
@format_option
def command(models: tuple[str, ...], only_check: bool, dry_run: bool, form: str) -> None:
    """Write what the pipeline knows of a model into its card; all models of aigf.yaml by default.

    Four tables: the model with its digests, the metrics that aigf.yaml names, the data sets and the
    parameters of the runs. Each goes between its marks, and every other byte is kept:

    \b
      <!-- aigf:begin metrics -->
      <!-- aigf:end metrics -->

    The others are model, data and parameters. A card without any mark gets all four at its end.
    Numbers that are not of this model are refused, and secrets are left out. No commit is named,
    so that a second run changes nothing. SHA-256 come from aigf.lock: `aigf capture` first.

    \b
    Examples:
      aigf card fill
      aigf card fill fraud --dry-run
      aigf card fill --check              in CI: is the card what the pipeline says?
    """
    project = find_project(Path.cwd())
    with reading_progress() as progress:
        cards = fill_cards(project, models, progress=progress)
    if not (only_check or dry_run):
        write_cards(project, cards)
    if form == "json":
        click.echo(pretty({"cards": [_as_json(card) for card in cards]}))
    else:
        for card in cards:
            click.echo(_text(card, dry_run=dry_run, only_check=only_check))
    if only_check and not all(card.is_current for card in cards):
        sys.exit(1)


def _text(card: FilledCard, *, dry_run: bool, only_check: bool) -> str:
    if dry_run and not card.is_current:
        return card_difference(card.before, card.after, path=card.path)
    if card.is_current:
        outcome = "up to date"
    elif only_check:
        outcome = "out of date: `aigf card fill` brings it up to date"
    else:
        outcome = "filled in"
    return f"{visible(card.path)}: {outcome}"


def _as_json(card: FilledCard) -> dict[str, object]:
    return {"name": card.path, "models": list(card.models), "upToDate": card.is_current}
