"""`aigf show`: print what an attestation says."""

from pathlib import Path

import click

from aigf_dvc.actions.check import read_file
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import loads, pretty
from aigf_dvc.cli.options import FILE, format_option, talk
from aigf_dvc.report.statement_text import statement_text
from aigf_dvc.signing.bundle import parse_bundle, split_bundles


@click.command(name="show")
@click.argument("bundle", type=FILE)
@format_option
def command(bundle: Path, form: str) -> None:
    """Print what each bundle in a file says. Nothing is verified.

    \b
    Examples:
      aigf show model.sigstore.json
      aigf show model.sigstore.json --format json | jq .predicate.verdict.result
    """
    shown = [_shown(parse_bundle(data).payload, form) for data in split_bundles(read_file(bundle))]
    click.echo("\n\n".join(shown))
    talk("(shown, not verified: `aigf verify` does that)")


def _shown(payload: bytes, form: str) -> str:
    statement = read_statement(payload)
    if form == "json" or statement.predicate_type != DEPLOYMENT:
        return pretty(loads(payload, where="statement"))
    return statement_text(statement, read_deployment(statement))
