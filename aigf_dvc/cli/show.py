"""`aigf show`: print what an attestation says."""

from pathlib import Path

import click

from aigf_dvc.actions.check import read_file
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import loads, pretty
from aigf_dvc.cli.options import FILE, format_option, talk
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.report.statement_text import statement_text
from aigf_dvc.signing.bundle import parse_bundle, split_bundles


@click.command(name="show")
@click.argument("bundle", type=FILE)
@format_option
def command(bundle: Path, form: str) -> None:
    """Print what each bundle in a file says. Nothing is verified.

    With --format json: the statement, or a list of them when the file holds several bundles.

    \b
    Examples:
      aigf show model.sigstore.json
      aigf show model.sigstore.json --format json | jq .predicate.verdict.result
    """
    try:
        payloads = [parse_bundle(data).payload for data in split_bundles(read_file(bundle))]
    except RefusedError as error:
        raise InputError(f"not a Sigstore bundle: {error}", where=str(bundle)) from None
    if form == "json":
        statements = [loads(payload, where="statement") for payload in payloads]
        click.echo(pretty(statements[0] if len(statements) == 1 else statements))
    else:
        click.echo("\n\n".join(_text(payload) for payload in payloads))
    talk("(shown, not verified: `aigf verify` does that)")


def _text(payload: bytes) -> str:
    statement = read_statement(payload)
    if statement.predicate_type != DEPLOYMENT:
        return pretty(loads(payload, where="statement"))
    return statement_text(statement, read_deployment(statement))
