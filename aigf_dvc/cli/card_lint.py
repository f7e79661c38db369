"""`aigf card lint`: everything that is wrong in model cards and documents."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.card_lint import lint_files, lint_project
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import FILE, format_option
from aigf_dvc.cli.project_here import project_here
from aigf_dvc.report.card_problems import problem_as_json, problems_text


@click.command(name="lint")
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE]...")
@format_option
def command(files: tuple[Path, ...], form: str) -> None:
    """Find everything that is wrong in cards and documents; the cards of all models by default.

    Every problem with its line, what is expected and how to mend it: fields and sections that are
    missing, empty or placeholders, held against the template of the card's `type:` and against the
    policy of the project; dates, license, risk tier, model-index; what Hugging Face would read
    otherwise; marks of `aigf card fill` that are broken.

    Exit code 0: nothing. 1: something is wrong, or a card cannot be read.

    \b
    Examples:
      aigf card lint
      aigf card lint README.md governance/documents/*.md
      aigf card lint --format json | jq '.cards[].problems[].where'
    """
    cards = (
        lint_files(files, project=project_here())
        if files
        else lint_project(find_project(Path.cwd()))
    )
    if form == "json":
        found = [
            {"name": card.path, "problems": [problem_as_json(p) for p in card.problems]}
            for card in cards
        ]
        click.echo(pretty({"cards": found}))
    else:
        click.echo(problems_text((card.path, card.problems) for card in cards))
    if any(card.problems for card in cards):
        sys.exit(1)
