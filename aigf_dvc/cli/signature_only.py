"""`aigf verify --signature-only`: who signed these bytes, and nothing else."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.signature_only import check_signature
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.chosen_signer import Pki, chosen_signer
from aigf_dvc.cli.options import reading_progress, use_color
from aigf_dvc.report.signature_text import signature_as_json, signature_text

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name

_SIGNERS = ("key", "identity", "issuer", "trusted_root", "signers", "times")
_MEANT = frozenset(("artifact", "bundle", *_SIGNERS, "form", "signature_only"))


def signature_only_option(command: _Command) -> Callable[..., Any]:
    """Add `--signature-only`; with it, the command itself is not called."""

    @wraps(command)
    def either(*, signature_only: bool, **given: Any) -> Any:  # noqa: ANN401  # the command's options
        if not signature_only:
            return command(**given)
        _refuse_others(click.get_current_context())
        if given["artifact"] is None:
            raise click.UsageError("Say what was signed: ARTIFACT.")
        if given["bundle"] is None:
            raise click.UsageError("Say which signature: --bundle FILE.")
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
        sys.exit(check.exit_code)

    return click.option(
        "--signature-only", is_flag=True,
        help="Check who signed these bytes and nothing else, by any Sigstore bundle; no verdict.",
    )(either)  # fmt: skip


def _text(path: Path) -> str:
    return str(path).encode(errors="replace").decode()


def _refuse_others(context: click.Context) -> None:
    """Refuse every option that would ask for more than the signature."""
    for option in context.command.params:
        name = option.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in _MEANT:
            raise click.UsageError(
                f"{option.opts[0]} asks for more than --signature-only checks: give one of them."
            )
