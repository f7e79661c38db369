"""`aigf repro --clean`: run models again in a clean clone, and compare."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.reproduce import CleanOrder, Reproduced, reproduce
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import format_option, talk, use_color
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.clock import now
from aigf_dvc.evidence.reproduction import Result
from aigf_dvc.report.reproduction_text import reproduction_as_json, reproduction_text
from aigf_dvc.stores.open import open_store


@click.command(name="repro")
@click.option("--clean", "revision", metavar="REV", required=True, help="The commit to run again.")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--keep", is_flag=True, help="Leave the clone where it is, and say where.")
@click.option(
    "--sign", "wants_signature", is_flag=True,
    help="Sign the record too; say who signs with --key or --keyless.",
)  # fmt: skip
@signer_options
@click.option(
    "--to", "store", default="git", show_default=True,
    help="Where the signed record goes: `git`, `git:PATH` or a folder.",
)  # fmt: skip
@format_option
def command(
    revision: str,
    models: tuple[str, ...],
    keep: bool,
    wants_signature: bool,
    signing: SignerOptions,
    store: str,
    form: str,
) -> None:
    """Run models again in a clean clone of a commit, and compare with what it records.

    The commit is cloned into a scratch folder (TMPDIR) that is removed at the end. It gets the
    raw data that .dvc files track and the stages read, from the local cache or by `dvc pull`, and
    none of the outputs. Every stage that a model depends on runs there, observed. The working
    tree, the cache and HEAD stay as they are; the stage `governance` does not run.

    Each output is compared by SHA-256 with dvc.lock and aigf.lock of the commit. Where bytes
    differ, the model's metrics are compared within the tolerance of the commit's policy:

    \b
      - id: lineage
        kind: lineage
        min_trust: reproduced
        tolerance: {fairness_score: 0.01}

    The record goes to .aigf/reproductions; with it the stages count as `reproduced`. The stages
    run with the programs and packages of your PATH, and the record names them. (A package that is
    installed from this folder, `pip install -e .`, brings this folder's code into the clean run.)
    They run as you: where the code is not trusted, sign elsewhere.

    Exit codes: 0 identical or within the tolerance, 1 different, 3 cannot decide: the data is
    nowhere, a stage failed, or the commit contradicts its own lock.

    \b
    Examples:
      aigf repro --clean HEAD                       all models
      aigf repro --clean v1.2 fraud                 one model of a release
      aigf repro --clean HEAD --sign --key ci.key   and sign what came of it
      aigf repro --clean HEAD --keep                and leave the clone to look at
    """
    named = signing != SignerOptions()
    if named and not wants_signature:
        raise click.UsageError("Who signs is named, but nothing is to be signed: add --sign.")
    project = find_project(Path.cwd())
    place = f"git:{project.repository}" if store == "git" else store
    sign = None
    if wants_signature:
        from aigf_dvc.cli.open_signer import open_signer  # loads cryptography

        sign = open_signer(signing, project.root)
    outcomes = reproduce(
        CleanOrder(
            project=project,
            revision=revision,
            clock=now,
            say=lambda text: talk(f"aigf: {text}"),
            models=models,
            keep=keep,
            sign=sign,
            store=open_store(place) if wants_signature else None,
        )
    )
    _show(outcomes, form, store)
    sys.exit(1 if any(o.record.result is Result.DIFFERENT for o in outcomes) else 0)


def _show(outcomes: tuple[Reproduced, ...], form: str, store: str) -> None:
    if form == "json":
        rows = [
            reproduction_as_json(o.record, o.stages, commit=o.commit, kept=o.kept, stored=o.stored)
            for o in outcomes
        ]
        click.echo(pretty({"reproductions": rows}))
    else:
        texts = [reproduction_text(o.record, o.stages, color=use_color()) for o in outcomes]
        click.echo("\n\n".join(texts))
    for outcome in outcomes:
        silent = [stage.name for stage in outcome.record.stages if stage.run_record is None]
        if silent:
            why = f": {outcome.unobserved}" if outcome.unobserved else ""
            talk(f"aigf: not observed in the clean run: {', '.join(silent)}{why}")
        talk(f"aigf: {outcome.record.model}: the record is {outcome.kept}")
        if outcome.stored:
            talk(f"aigf: {outcome.record.model}: signed, kept in {store} as {outcome.stored}")
