"""`aigf capture`: the lineage manifest of a tree."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from aigf_dvc.actions.capture import Captured, capture
from aigf_dvc.actions.fetch import fetch, find_missing
from aigf_dvc.actions.upstream import walk_manifest
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.upstream import UpstreamLink, links_as_json, links_text
from aigf_dvc.canonical import Json, loads, pretty
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.cli.options import (
    counted,
    format_option,
    output_option,
    reading_progress,
    talk,
    use_color,
)
from aigf_dvc.cli.progress import in_units
from aigf_dvc.cli.upstream_options import upstream_options
from aigf_dvc.cli.upstream_walk import upstream_trust
from aigf_dvc.clock import now
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import Edge
from aigf_dvc.report.lineage_json import captured_as_json
from aigf_dvc.report.lineage_text import edges_text, redactions_text, summary_text

_NAMED = 5  # paths in a message


@click.command(name="capture")
@click.option("--rev", "revision", metavar="REV", help="A commit; the working tree by default.")
@click.option(
    "--check", "table", is_flag=True,
    help="Print the state of every edge instead, and write nothing; exit code 1 when one is bad.",
)  # fmt: skip
@click.option(
    "--remote", is_flag=False, flag_value="", metavar="[NAME]",
    help="Fetch missing models and metrics from a DVC remote first; the default one when no NAME.",
)  # fmt: skip
@click.option("--all-data", is_flag=True, help="With --remote: fetch all data that is missing.")
@click.option(
    "--fail-on-secret", is_flag=True,
    help="Exit code 1 when a secret had to be redacted: it stands in the repository.",
)  # fmt: skip
@upstream_options
@format_option
@output_option("the manifest")
def command(
    revision: str | None,
    table: bool,
    remote: str | None,
    all_data: bool,
    fail_on_secret: bool,
    repositories: tuple[str, ...],
    upstream_keys: tuple[Path, ...],
    form: str,
    output: Path | None,
) -> None:
    """Capture the lineage manifest of the working tree or of a commit.

    The manifest is canonical JSON, the same to the byte on every machine, with or without the
    data. It goes to --output or to a pipe; on a terminal only the summary is shown.

    The data that is here is hashed: in the workspace, or else in DVC's cache. From the working
    tree, aigf.lock is brought up to date; commit it, so that SHA-256 is known on machines without
    the data.

    Secrets in commands, parameters, addresses and cards are left out; what and where is said.

    \b
    Examples:
      aigf capture                       the working tree: bring aigf.lock up to date
      aigf capture --rev HEAD            a commit
      aigf capture --check               is anything stale or edited, or on no record?
      aigf capture --remote              fetch missing models and metrics first
      aigf capture --remote s3 --all-data    and all other data
      aigf capture --format json         manifest, commit, edges and trust levels
      aigf capture --fail-on-secret      does the repository hold a secret?
      aigf capture --rev v1.2 --output manifest.json
      aigf capture --upstream-repo https://example.com/data.git=../data --upstream-key data.pub
                                         are imported data and base models attested there?
    """
    project = find_project(Path.cwd())
    if remote is not None or all_data:
        _fetch(project, remote, revision=revision, all_data=all_data)
    with reading_progress() as progress:
        captured = capture(
            project,
            revision=revision,
            progress=progress,
            expect=progress.expect,
            keeps_digests=not table,
        )
    _talk(captured)
    if output is not None:
        write_atomically(output, captured.manifest)
        talk(f"wrote {output}")
    links = _upstream(captured.manifest, repositories, upstream_keys)
    if form == "json":
        click.echo(pretty(_envelope(captured, links)))
    elif table:
        click.echo(edges_text(captured.edges, captured.stages, color=use_color()))
    elif output is None and not sys.stdout.isatty():
        click.echo(captured.manifest, nl=False)  # its exact bytes: their digest is the manifest's
    talk(summary_text(captured.edges, captured.stages, digest=captured.digest))
    for said in filter(None, (links_text(links or ()), redactions_text(captured.redactions))):
        talk(said)
    if (table and not _is_sound(captured.edges)) or (fail_on_secret and captured.redactions):
        sys.exit(1)


def _talk(captured: Captured) -> None:
    if not captured.is_governed:
        talk(
            "there is no aigf.yaml: every stage was looked at, and no model (`aigf init` adds one)"
        )
    if captured.digest_lock_changed:
        talk("aigf.lock was brought up to date: commit it")


def _is_sound(edges: Sequence[Edge]) -> bool:
    """Tell whether no edge is bad; nothing checked is never a pass."""
    if not edges:
        raise UndecidedError(
            "nothing to check", expected="at least one stage",
            hint="data that no stage of dvc.yaml reads has no lineage yet",
        )  # fmt: skip
    return all(edge.state.is_sound for edge in edges)


def _fetch(project: Project, remote: str | None, *, revision: str | None, all_data: bool) -> None:
    """Fetch what is missing, and say what."""
    if remote is None:
        raise click.UsageError("--all-data says how much --remote fetches: give that too")
    if revision is not None:
        raise click.UsageError(
            "--remote fetches what the working tree's records name, not those of --rev:"
            " check the commit out (`git worktree add`), and run it there"
        )
    missing = find_missing(project, all_data=all_data)
    if missing.paths:
        size = "" if missing.size is None else f" ({in_units(missing.size)})"
        named = ", ".join(missing.paths[:_NAMED]) + (", ..." if missing.paths[_NAMED:] else "")
        talk(f"fetching {named}{size} from {remote or 'the default remote'}")
    else:
        talk("nothing to fetch: " + ("all data is here" if all_data else "the models are here"))
    fetch(project, missing.paths, remote=remote)
    if missing.others:
        talk(f"left where it is: {counted(len(missing.others), 'other path')} (--all-data)")


def _envelope(captured: Captured, links: tuple[UpstreamLink, ...] | None) -> Json:
    """Return the JSON form; what was asked of upstream repositories only when it was."""
    envelope = captured_as_json(
        captured.manifest,
        commit=captured.commit,
        edges=captured.edges,
        stages=captured.stages,
        redactions=captured.redactions,
    )
    asked = {} if links is None else {"upstreamAttestations": links_as_json(links)}
    return {**envelope, **asked}


def _upstream(
    manifest: bytes, repositories: tuple[str, ...], keys: tuple[Path, ...]
) -> tuple[UpstreamLink, ...] | None:
    """Return what is known of the attestations of all that came from elsewhere; None: not asked."""
    if not (repositories or keys):
        return None
    trust = upstream_trust(repositories, keys, None, demands=Demands(at=now()))
    return walk_manifest(loads(manifest, where="manifest"), trust)
