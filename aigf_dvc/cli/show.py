"""`aigf show`: print what an attestation says, a model's history, or a model card."""

from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.canonical import loads, pretty
from aigf_dvc.cli.options import FILE, format_option, talk, use_color
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.report.model_card_text import model_card_as_json, model_card_text
from aigf_dvc.report.shown_statement import shown_statement
from aigf_dvc.report.verification_text import without_name
from aigf_dvc.signing.bundle import split_bundles
from aigf_dvc.signing.shown_bundle import read_shown_bundle

_CARDS = (".md", ".markdown", ".yaml", ".yml")


@click.command(name="show")
@click.argument("what", metavar="BUNDLE|CARD|MODEL")
@click.option("--rev", "revision", default="HEAD", show_default=True, metavar="REV",
              help="MODEL: the newest commit of the history.")  # fmt: skip
@click.option("--all-parents", is_flag=True, help="MODEL: the commits of merged branches too.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
              help="MODEL: at most so many versions, the newest.")  # fmt: skip
@click.option("--policy", type=FILE, metavar="FILE",
              help="MODEL: judge by this policy, not by that of each commit.")  # fmt: skip
@click.option("--from", "stores", multiple=True, metavar="STORE", default=("git",),
              show_default=True, help="MODEL: where attestations are; repeatable.")  # fmt: skip
@format_option
def command(
    what: str,
    revision: str,
    all_parents: bool,
    limit: int,
    policy: Path | None,
    stores: tuple[str, ...],
    form: str,
) -> None:
    """Print what a bundle says, what a model card says, or the versions of a model.

    A name of aigf.yaml that is no file here is a MODEL: each version of its recorded bytes in the
    history, newest first, with the metrics and the verdict of its newest commit, whether the
    records of that commit are consistent, and who attested it. The policy is asked as of the day
    of the commit. Nothing is checked out, and nothing of an attestation is verified.

    A bundle may hold any in-toto statement: deployment, approval, run record, reproduction, SLSA
    provenance, SVR, VSA, test result, OpenSSF model signature; others are shown as they stand.

    With --format json a bundle gives its statement, or a list when the file holds several.

    \b
    Examples:
      aigf show model.sigstore.json
      aigf show model.sigstore.json --format json | jq .predicate.verdict.result
      aigf show MODEL_CARD.md                      its governance fields
      aigf show fraud                              every version of a model
      aigf show fraud --rev v1.2.0 --limit 5
      aigf show fraud --policy stricter.yaml       which would have passed another policy?
    """
    path = Path(what)
    if path.is_file():
        _show_file(path, form)
    else:
        _show_model(what, revision, all_parents, limit, policy=policy, stores=stores, form=form)


def _show_file(path: Path, form: str) -> None:
    data = read_file(path)
    if path.suffix.lower() in _CARDS:
        card = read_model_card(data, path=str(path))
        click.echo(pretty(model_card_as_json(card)) if form == "json" else model_card_text(card))
        return
    try:
        bundles = [read_shown_bundle(bundle) for bundle in split_bundles(data)]
        if form == "json":
            statements = [loads(bundle.payload, where="statement") for bundle in bundles]
            click.echo(pretty(statements[0] if len(statements) == 1 else statements))
        else:
            shown = (shown_statement(item.payload, signer=item.signer) for item in bundles)
            click.echo("\n\n".join(shown))
    except RefusedError as error:
        raise InputError(
            f"not a Sigstore bundle of a statement: {without_name(str(error), 'bundle')}",
            where=str(path),
            hint="`aigf verify --signature-only` takes any Sigstore bundle",
        ) from None
    talk("(shown, not verified: `aigf verify` does that)")


def _show_model(
    name: str,
    revision: str,
    all_parents: bool,
    limit: int,
    *,
    policy: Path | None,
    stores: tuple[str, ...],
    form: str,
) -> None:
    from aigf_dvc.actions.show import HistoryQuestion, show_history
    from aigf_dvc.capture.project import find_project
    from aigf_dvc.report.model_history import model_history_as_json, model_history_text
    from aigf_dvc.stores.open import open_store

    question = HistoryQuestion(
        project=find_project(Path.cwd()),
        model=name,
        revision=revision,
        first_parent=not all_parents,
        limit=limit,
        policy=policy,
        stores=tuple(open_store(store) for store in stores),
    )
    history = show_history(question)
    if form == "json":
        click.echo(pretty(model_history_as_json(history)))
    else:
        click.echo(model_history_text(history, color=use_color()))
    if any(version.attestations for version in history.versions):
        talk("(attestations are shown, not verified: `aigf verify` does that)")
