"""`aigf export`: models in the forms of other standards."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.export import Standard, Tree, bundle_sources, export, tree_sources
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import FILE, output_option, reading_progress, talk
from aigf_dvc.cli.uri_type import uri
from aigf_dvc.redaction import Redaction
from aigf_dvc.report.export_source import ExportSource
from aigf_dvc.report.lineage_text import redactions_text
from aigf_dvc.report.openlineage import UNNAMED
from aigf_dvc.report.slsa import LOCAL_BUILDER


@click.command(name="export")
@click.argument(
    "standard", metavar="slsa|cyclonedx|openlineage",
    type=click.Choice([item.value for item in Standard]),
    callback=lambda _ctx, _parameter, value: Standard(value),
)  # fmt: skip
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", metavar="REV", help="A commit; HEAD by default.")
@click.option(
    "--bundle",
    type=FILE,
    metavar="FILE",
    help="From what attestations carry, without a repository.",
)
@click.option(
    "--builder-id", metavar="URI", callback=uri,
    help="For slsa: the build platform that you vouch for. By default one that says: some machine.",
)  # fmt: skip
@output_option("the export")
def command(
    standard: Standard,
    models: tuple[str, ...],
    revision: str | None,
    bundle: Path | None,
    builder_id: str | None,
    output: Path | None,
) -> None:
    """Export what is known of models for the tools of others. The same evidence, the same bytes.

    slsa: SLSA Provenance v1, an in-toto statement for each model. Only for observed runs: a stage
    that `aigf repro` did not see makes it refuse (exit code 1). It is not signed here.

    cyclonedx: a CycloneDX 1.6 ML-BOM for each model: card, data, code, packages, formulation.

    openlineage: events, for the whole pipeline of the models. Nothing is sent.

    Each document is one line of JSON; name one MODEL to get one document.

    \b
    Examples:
      aigf export slsa fraud --output fraud.slsa.json
      aigf export cyclonedx fraud | jq .metadata.component.modelCard
      aigf export openlineage --rev v1.2 --output lineage.ndjson
      aigf export cyclonedx --bundle fraud.sigstore.json
    """
    if bundle is not None and revision is not None:
        raise click.UsageError("--rev or --bundle, not both: a bundle is of one commit.")
    if builder_id is not None and standard is not Standard.SLSA:
        raise click.UsageError("--builder-id is for slsa.")
    if bundle is not None:
        sources = bundle_sources(read_file(bundle), where=str(bundle), models=models)
        talk("(the bundle was not verified: `aigf verify` does that)")
    else:
        with reading_progress() as progress:
            tree = Tree(
                project=find_project(Path.cwd()),
                models=models,
                revision=revision or "HEAD",
                progress=progress,
                told=_tell_redactions,
            )
            sources = tree_sources(tree)
    data = export(sources, standard, builder=builder_id or LOCAL_BUILDER)
    _tell(sources, standard)
    if output is not None:
        write_atomically(output, data)
        talk(f"wrote {output}")
    elif sys.stdout.isatty():
        click.echo(data.decode(), nl=False)  # as text, so that no name can steer the terminal
    else:
        click.echo(data, nl=False)  # the exact bytes


def _tell_redactions(redactions: Sequence[Redaction]) -> None:
    if redactions:
        talk(redactions_text(redactions))


def _tell(sources: Sequence[ExportSource], standard: Standard) -> None:
    for source in sources:
        talk(f"{source.model}: {standard} of commit {source.origin.commit[:12]}, not signed")
    if standard is Standard.OPENLINEAGE and not all(s.origin.repository for s in sources):
        talk(f"no remote that others reach: its names stand in the namespace {UNNAMED}")
