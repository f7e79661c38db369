"""`aigf graph`: the lineage of models as a picture."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import click

from aigf_dvc import shipped
from aigf_dvc.actions.graph import graph
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import output_option, reading_progress, talk, use_color
from aigf_dvc.evidence.graph import LineageGraph

_ENDINGS = {
    ".txt": "text",
    ".svg": "svg",
    ".html": "html",
    ".htm": "html",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".json": "json",
}


@click.command(name="graph")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", metavar="REV", help="A commit; the working tree by default.")
@click.option(
    "--format", "form", type=click.Choice(list(dict.fromkeys(_ENDINGS.values()))),
    help="The kind of picture; by default as --output's ending says, else text.",
)  # fmt: skip
@output_option("the picture")
@click.option(
    "--all", "everything", is_flag=True,
    help="The whole pipeline, and tracked data that no stage reads.",
)  # fmt: skip
def command(
    models: tuple[str, ...],
    revision: str | None,
    form: str | None,
    output: Path | None,
    everything: bool,
) -> None:
    """Draw what models are made from, and what is computed from them.

    Every stage with its trust level, every link with its state: verified, recorded, mismatched or
    missing. MODEL is a name from aigf.yaml, or a path that a stage makes; all models of aigf.yaml
    by default, and the whole pipeline where there is no aigf.yaml.

    From the working tree, the data that is here is hashed, as `aigf capture` does.

    The HTML page is one file that needs no network: pan, zoom, search, and all facts on a click.

    \b
    Examples:
      aigf graph                               a tree, from the model down to raw data
      aigf graph fraud --rev v1.2              one model, as a commit has it
      aigf graph --output lineage.html         a page to explore
      aigf graph --output lineage.svg          a picture for a report
      aigf graph --format mermaid              for Markdown
      aigf graph --all --format dot | dot -Tpdf -o pipeline.pdf
    """
    if everything and models:
        raise click.UsageError("--all shows the whole pipeline: it goes without MODEL.")
    chosen = form or _from_ending(output)
    with reading_progress() as progress:
        found = graph(
            find_project(Path.cwd()),
            models=models,
            revision=revision,
            progress=progress,
            everything=everything,
        )
    to_file = output is not None
    text = _text(found, to_file=to_file) if chosen == "text" else _WRITERS[chosen](found)
    if output is None:
        click.echo(text, nl=False)
        return
    # JSON may hold half of a surrogate pair as an escape; the other forms show it as one already.
    write_atomically(output, text.encode(errors="backslashreplace"))
    talk(f"wrote {output}")


def _from_ending(output: Path | None) -> str:
    if output is None:
        return "text"
    form = _ENDINGS.get(output.suffix.lower())
    if form is None:
        endings = ", ".join(_ENDINGS)
        raise click.UsageError(
            f"What to write to {output}? Name the --format, or end it in one of {endings}."
        )
    return form


def _text(found: LineageGraph, *, to_file: bool) -> str:
    from aigf_dvc.report.graph_text import graph_text

    on_terminal = sys.stdout.isatty() and not to_file
    width = shutil.get_terminal_size().columns if on_terminal else None
    return graph_text(found, color=use_color() and not to_file, width=width)


def _svg(found: LineageGraph) -> str:
    from aigf_dvc.report.graph_picture import picture
    from aigf_dvc.report.graph_svg import graph_svg

    return graph_svg(found, picture(found), style=_template("picture.css"))


def _html(found: LineageGraph) -> str:
    from aigf_dvc.report.graph_html import Page, graph_html
    from aigf_dvc.report.graph_picture import picture

    page = Page(
        skeleton=_template("page.html"),
        picture_style=_template("picture.css"),
        page_style=_template("page.css"),
        script=_template("page.js"),
    )
    return graph_html(found, picture(found), page=page)


def _template(file: str) -> str:
    return shipped.text("templates", f"graph/{file}")


def _mermaid(found: LineageGraph) -> str:
    from aigf_dvc.report.graph_mermaid import MOST_LINKS, graph_mermaid

    if len(found.links) + len(found.parts) > MOST_LINKS:
        talk(f"aigf: more than {MOST_LINKS} links: Mermaid draws them only with a higher maxEdges")
    return graph_mermaid(found)


def _dot(found: LineageGraph) -> str:
    from aigf_dvc.report.graph_dot import graph_dot

    return graph_dot(found)


def _json(found: LineageGraph) -> str:
    from aigf_dvc.report.graph_json import graph_as_json

    return pretty(graph_as_json(found)) + "\n"


_WRITERS: dict[str, Callable[[LineageGraph], str]] = {
    "svg": _svg,
    "html": _html,
    "mermaid": _mermaid,
    "dot": _dot,
    "json": _json,
}
