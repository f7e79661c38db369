"""Checks a signature for `--signature-only`, and shows what came of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.signature_only import check_signature
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.chosen_signer import Pki, chosen_signer
from aigf_dvc.cli.options import reading_progress, use_color
from aigf_dvc.report.signature_text import signature_as_json, signature_text


def check_and_show(given: Mapping[str, Any]) -> int:  # Any: option values
    """Check who signed an artifact, print it, and return the exit code.

    Raises:
        click.UsageError, InputError: the signer is incomplete, or a file cannot be read.
    """
    pki = Pki(signers=given["signers"], times=given["times"])
    signer = chosen_signer(
        given["key"], given["identity"], given["issuer"],
        trusted_root=given["trusted_root"], pki=pki,
    )  # fmt: skip
    bundles, artifact, form = read_file(given["bundle"]), given["artifact"], given["form"]
    with reading_progress() as progress:
        check = check_signature(artifact, bundles, signer=signer, progress=progress)
    text = (
        pretty(signature_as_json(check, artifact=_text(artifact)))
        if form == "json"
        else signature_text(check, artifact=_text(artifact), color=use_color())
    )
    click.echo(text, nl=form == "json")
    return check.exit_code


def _text(path: Path) -> str:
    return str(path).encode(errors="replace").decode()
