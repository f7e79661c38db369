"""`aigf diff`: what changed between two versions of a model."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.diff import WORKTREE, diff
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.cli.options import format_option, use_color
from aigf_dvc.errors import AigfError
from aigf_dvc.report.difference_text import difference_as_json, difference_text


@click.command(name="diff")
@click.argument("before", metavar="[A]", default="HEAD")
@click.argument("after", metavar="[B]", default=WORKTREE)
@click.argument("model", required=False)
@click.option("--exit-code", "by_code", is_flag=True, help="Exit with 1 when something differs.")
@format_option
def command(before: str, after: str, model: str | None, by_code: bool, form: str) -> None:
    """Tell what changed between two versions of a model.

    Data, code, stages, parameters with their lines, packages, metrics, documents and the fields of
    the model card, in the stages that the model or its metrics depend on. A and B are git
    revisions, WORKTREE, manifests (`aigf capture --output m.json`) or bundles (*.sigstore.json,
    which are not verified); by default HEAD and WORKTREE. Parameters are those of the last run. The
    one model of each side is compared whatever its name and path.

    Exit code 0: compared. With --exit-code 1 when something differs, as `git diff` has it.

    \b
    Examples:
      aigf diff                                 what did I change since the last commit?
      aigf diff v1.0 v1.1                       between two releases
      aigf diff main feature fraud              one model of several
      aigf diff deployed.sigstore.json HEAD     since what is deployed was attested
      aigf diff a.json b.json --format json | jq '.[0].parameters'
    """
    found = diff(_project(before, after), before, after, model=model)
    if form == "json":
        click.echo(pretty([difference_as_json(difference) for difference in found]))
    else:
        color = use_color()
        click.echo("\n\n".join(difference_text(item, color=color) for item in found))
    if by_code and not all(difference.is_empty for difference in found):
        sys.exit(1)


def _project(before: str, after: str) -> Project | None:
    """Return the project here; two files can be compared without one."""
    try:
        return find_project(Path.cwd())
    except AigfError:
        if all(Path(side).is_file() for side in (before, after)):
            return None
        raise
