"""The option `--oms` of `aigf verify`: a signature of the model's bytes, alone or besides."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.verify_oms import SignedModel, verify_oms
from aigf_dvc.attestation.oms_verification import OmsVerification
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.chosen_signer import Pki, chosen_signer
from aigf_dvc.cli.options import FILE, reading_progress, use_color
from aigf_dvc.clock import now
from aigf_dvc.report.oms_text import oms_as_json, oms_text
from aigf_dvc.signing.open import CertificateSigner, ChainSigner, OmsSigner

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name
_ABOUT_BYTES = frozenset(  # the options that make sense without an attestation
    {"artifact", "oms", "key", "identity", "issuer", "trusted_root", "signers", "times", "form"}
)


def oms_option(command: _Command) -> Callable[..., Any]:
    """Add `--oms FILE`; the command gets as `signed` what holds, or None, and never what does not.

    Without an attestation the signature is all that is verified, and the command does not run.
    """

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        file = given.pop("oms")
        if file is None:
            return command(signed=None, **given)
        if given["artifact"] is None:
            raise click.UsageError("--oms goes with ARTIFACT, not with --image.")
        alone = given["bundle"] is None and given["store"] is None
        if alone:
            _refuse_other_options()
        signed = _verified(file, given)
        if alone or not signed.holds:
            _show(signed, given["artifact"], given["form"])
            sys.exit(signed.exit_code)
        if given["form"] == "text":
            click.echo(oms_text(signed, model=str(given["artifact"]), color=use_color()))
        return command(signed=signed, **given)

    return click.option(
        "--oms", type=FILE, metavar="FILE",
        help="Verify an OpenSSF Model Signing signature of the model; "
        "besides --bundle or --from, both must hold.",
    )(gathered)  # fmt: skip


def _refuse_other_options() -> None:
    """Refuse what only an attestation could answer: it must not seem to have been checked."""
    context = click.get_current_context()
    for name in context.params:
        said = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if said and name not in _ABOUT_BYTES:
            option = next(p.opts[0] for p in context.command.params if p.name == name)
            raise click.UsageError(
                f"{option} needs an attestation, by --bundle or --from: "
                "the signature of --oms says nothing of it."
            )


def _verified(file: Path, given: dict[str, Any]) -> OmsVerification:
    signer = _signer(given)
    model = SignedModel(
        path=given["artifact"], signature=read_file(file), signature_path=file.absolute()
    )
    with reading_progress() as progress:
        return verify_oms(model, signer=signer, progress=progress)


def _signer(given: dict[str, Any]) -> OmsSigner:
    pki = Pki(signers=given["signers"], times=given["times"])
    identity = given["identity"]
    if pki.signers is not None and pki.times is None and identity is not None:
        other = given["key"] or given["issuer"] or given["trusted_root"]
        if not other:  # else the one below says what is wrong
            return ChainSigner(identity=identity, signers=read_file(pki.signers), now=now())
    found = chosen_signer(
        given["key"], identity, given["issuer"], trusted_root=given["trusted_root"], pki=pki
    )
    if isinstance(found, CertificateSigner):
        return ChainSigner(
            identity=found.identity, signers=found.signers, times=found.times, now=now()
        )
    return found


def _show(signed: OmsVerification, model: Path, form: str) -> None:
    if form == "json":
        document = {"artifact": str(model), "accepted": None, "oms": oms_as_json(signed)}
        click.echo(pretty(document))
    else:
        click.echo(oms_text(signed, model=str(model), color=use_color()), nl=False)
