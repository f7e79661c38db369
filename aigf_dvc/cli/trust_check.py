"""`aigf trust check`: find mistakes in a trust file, and tell which line accepts a bundle."""

import sys
from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.trust_check import ask, remarks_on
from aigf_dvc.actions.trust_file import load_trust
from aigf_dvc.attestation.trust_lint import Level
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import FILE, format_option, use_color
from aigf_dvc.clock import now
from aigf_dvc.errors import UndecidedError
from aigf_dvc.report.trust_text import trust_as_json, trust_text
from aigf_dvc.signing.bundle import split_bundles


@click.command(name="check")
@click.argument("path", type=FILE, metavar="FILE")
@click.argument("bundles", type=FILE, nargs=-1, metavar="[BUNDLE]...")
@format_option
def command(path: Path, bundles: tuple[Path, ...], form: str) -> None:
    """Find what is wrong with the trust file FILE; tell by which of its lines a BUNDLE counts.

    Without bundles: an expired file, keys that end, names without a role, mistyped roles, demands
    that nobody can meet, patterns that let anybody in. With bundles: each line that might accept
    one, and why it does or does not. The artifact, the verdict and the policy are looked at by
    `aigf verify`.

    Exit code 0: no error is named, and every bundle is accepted; warnings and notes do not count.
    1: an error, or a bundle is refused. 2: the file is not valid. 3: cannot decide.

    \b
    Examples:
      aigf trust check trust.yaml
      aigf trust check trust.yaml model.sigstore.json
      aigf trust check trust.yaml *.sigstore.json --format json
    """
    at = now()
    trust = load_trust(path)
    remarks = remarks_on(trust, path, at)
    outcomes = []
    for file in bundles:
        parts = split_bundles(read_file(file))
        for number, data in enumerate(parts, start=1):
            name = f"{file}:{number}" if len(parts) > 1 else str(file)
            outcomes.append(ask(trust, name, data, at))
    if form == "json":
        click.echo(pretty(trust_as_json(str(path), remarks, outcomes)))
    else:
        click.echo(trust_text(str(path), remarks, outcomes, color=use_color()))
    codes = {outcome.exit_code for outcome in outcomes}
    codes |= {1 for remark in remarks if remark.level is Level.ERROR}
    worst = (UndecidedError.exit_code, 1)
    sys.exit(next((code for code in worst if code in codes), 0))
