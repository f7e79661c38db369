"""The option `--oms` of `aigf verify`: a signature of the model's bytes, alone or besides."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from aigf_dvc.cli.options import FILE

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
        from aigf_dvc.cli.signed_model import show_signed, signed_model

        signed = signed_model(file, given)
        if alone or not signed.holds:
            show_signed(signed, given["artifact"], given["form"])
            sys.exit(signed.exit_code)
        if given["form"] == "text":
            show_signed(signed, given["artifact"], "text")
            click.echo()
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
