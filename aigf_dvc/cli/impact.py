"""`aigf impact`: what descends from some data."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.impact import ImpactQuestion, find_impact
from aigf_dvc.actions.sought import read_sought
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import FILE, format_option, talk, use_color
from aigf_dvc.report.impact_text import impact_as_json, impact_text
from aigf_dvc.stores.git_ref import GitRefStore
from aigf_dvc.stores.open import open_store


@click.command(name="impact")
@click.argument("data", metavar="PATH|MD5|SHA-256|URI|ETAG")
@click.option(
    "--from", "stores", multiple=True, metavar="STORE",
    help="Another store of attestations; repeatable. Each repository's own is read.",
)  # fmt: skip
@click.option(
    "--repo", "repositories", multiple=True, type=FILE, metavar="PATH",
    help="Another project to look through, such as one that imports the data; repeatable.",
)  # fmt: skip
@click.option(
    "--rev", "revisions", multiple=True, metavar="REV",
    help="The history of this commit only; repeatable. All branches and tags by default.",
)  # fmt: skip
@format_option
def command(
    data: str,
    stores: tuple[str, ...],
    repositories: tuple[Path, ...],
    revisions: tuple[str, ...],
    form: str,
) -> None:
    """Find every model and attestation that descends from some data.

    For a recall, an erasure request, a poisoned file. A PATH means every version of it that was
    ever recorded, in the project here. An MD5 is looked for among the files of recorded directories
    too, as far as their lists are in DVC's cache. A SHA-256 is known through aigf.lock and
    attestations. A URI is where data was imported from. What was not committed is not seen, and
    imports are followed into the projects given by --repo.

    Exit code 0: read everything, nothing descends from it. 1: something does. 3: a part could not
    be read, or nobody knows the path; that is named, and what was found is printed.

    \b
    Examples:
      aigf impact data/raw.csv                     every version of a path
      aigf impact data/images/0042.png             a file inside a directory
      aigf impact 0a2ef158ccfd73ad3eb6909c236da4fe
      aigf impact sha256:63ab7cde... --from attestations/
      aigf impact s3://bucket/raw.csv --repo ../scoring --repo ../pricing
    """
    here = Path.cwd()
    projects = [find_project(path) for path in repositories]
    if not repositories or _is_project(here):
        projects.insert(0, find_project(here))
    distinct = tuple({project.root: project for project in projects}.values())
    own = {project.repository: GitRefStore(project.repository) for project in distinct}
    question = ImpactQuestion(
        sought=read_sought(data, project=distinct[0], start=here),
        projects=distinct,
        stores=(*own.values(), *map(open_store, stores)),
        revisions=revisions,
    )
    impact = find_impact(question)
    if form == "json":
        click.echo(pretty(impact_as_json(impact)))
    else:
        click.echo(impact_text(impact, color=use_color()))
    for note in impact.notes:
        talk(note)
    sys.exit(impact.exit_code)


def _is_project(folder: Path) -> bool:
    from aigf_dvc.errors import InputError

    try:
        find_project(folder)
    except InputError:
        return False
    return True
