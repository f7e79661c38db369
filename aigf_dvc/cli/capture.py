"""`aigf capture`: the lineage manifest of a tree."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from aigf_dvc.actions.capture import capture
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import format_option, output_option, reading_progress, talk, use_color
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import Edge
from aigf_dvc.report.lineage_json import captured_as_json
from aigf_dvc.report.lineage_text import edges_text, summary_text


@click.command(name="capture")
@click.option("--rev", "revision", metavar="REV", help="A commit; the working tree by default.")
@click.option(
    "--check", "table", is_flag=True,
    help="Print the state of every edge instead; exit code 1 when one is not sound.",
)  # fmt: skip
@format_option
@output_option("the manifest")
def command(revision: str | None, table: bool, form: str, output: Path | None) -> None:
    """Capture the lineage manifest of the working tree or of a commit.

    The manifest is canonical JSON, the same to the byte on every machine, with or without the
    data. It goes to --output or to a pipe; on a terminal only the summary is shown.

    From the working tree, the data that is here is hashed, and aigf.lock is brought up to date;
    commit it, so that SHA-256 is known on machines without the data.

    \b
    Examples:
      aigf capture                       the working tree: bring aigf.lock up to date
      aigf capture --rev HEAD            a commit
      aigf capture --check               is anything stale, edited or missing?
      aigf capture --format json         manifest, commit, edges and trust levels
      aigf capture --rev v1.2 --output manifest.json
    """
    with reading_progress() as progress:
        captured = capture(find_project(Path.cwd()), revision=revision, progress=progress)
    if not captured.is_governed:
        talk(
            "there is no aigf.yaml: every stage was looked at, and no model (`aigf init` adds one)"
        )
    if captured.digest_lock_changed:
        talk("aigf.lock was brought up to date: commit it")
    if output is not None:
        write_atomically(output, captured.manifest)
        talk(f"wrote {output}")
    if form == "json":
        envelope = captured_as_json(
            captured.manifest, commit=captured.commit, edges=captured.edges, stages=captured.stages
        )
        click.echo(pretty(envelope))
    elif table:
        click.echo(edges_text(captured.edges, captured.stages, color=use_color()))
    elif output is None and not sys.stdout.isatty():
        click.echo(captured.manifest, nl=False)  # its exact bytes: their digest is the manifest's
    talk(summary_text(captured.edges, captured.stages, digest=captured.digest))
    if table:
        _leave(captured.edges)


def _leave(edges: Sequence[Edge]) -> None:
    """Leave with the exit code of a check: nothing checked is never a pass."""
    if not edges:
        raise UndecidedError(
            "nothing to check", expected="at least one stage",
            hint="data that no stage of dvc.yaml reads has no lineage yet",
        )  # fmt: skip
    if not all(edge.state.is_sound for edge in edges):
        sys.exit(1)
