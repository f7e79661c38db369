"""`aigf verify --signature-only`: who signed these bytes, and nothing else."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

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
        from aigf_dvc.cli.signature_checked import check_and_show

        sys.exit(check_and_show(given))

    return click.option(
        "--signature-only", is_flag=True,
        help="Check who signed these bytes and nothing else, by any Sigstore bundle; no verdict.",
    )(either)  # fmt: skip


def _refuse_others(context: click.Context) -> None:
    """Refuse every option that would ask for more than the signature."""
    for option in context.command.params:
        name = option.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in _MEANT:
            raise click.UsageError(
                f"{option.opts[0]} asks for more than --signature-only checks: give one of them."
            )
