"""The options of `aigf attest` that say it in the words of other standards too."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from aigf_dvc.actions.also import Also, Standard
from aigf_dvc.cli.options import Options, with_options
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.cli.uri_type import uri

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


def also_options(command: _Command) -> Callable[..., Any]:
    """Add `--also` and what goes with it; the command gets them as `also`, an Also."""

    @wraps(command)
    def gathered(signing: SignerOptions, **given: Any) -> Any:  # noqa: ANN401  # of the command
        also = Also(
            standards=tuple(Standard(name) for name in given.pop("also_standards")),
            builder=given.pop("builder_id"),
            verifier=given.pop("verifier_id"),
        )
        _demand_names(also, signing)
        return command(signing=signing, also=also, **given)

    return with_options(gathered, _OPTIONS)


def _demand_names(also: Also, signing: SignerOptions) -> None:
    """Ask before anything is signed: a key alone does not say who built or judged."""
    is_slsa = Standard.SLSA in also.standards
    is_summary = bool({*also.standards} - {Standard.SLSA})
    if also.builder is not None and not is_slsa:
        raise click.UsageError("--builder-id goes with --also slsa.")
    if also.verifier is not None and not is_summary:
        raise click.UsageError("--verifier-id goes with --also svr or --also vsa.")
    if signing.key is None or signing.certificate is not None:
        return
    if is_slsa and also.builder is None:
        raise click.UsageError("--also slsa with a key needs --builder-id URI: who ran the stages?")
    if is_summary and also.verifier is None:
        raise click.UsageError("--also svr or vsa with a key needs --verifier-id URI: who judged?")


_OPTIONS: Options = (
    click.option(
        "--also", "also_standards", multiple=True, metavar="slsa|svr|vsa",
        type=click.Choice([item.value for item in Standard]),
        help="Sign this beside the attestation, about the same files; repeatable.",
    ),
    click.option(
        "--builder-id", metavar="URI", callback=uri,
        help="For slsa: the build platform; the signing workflow's identity otherwise.",
    ),
    click.option(
        "--verifier-id", metavar="URI", callback=uri,
        help="For svr and vsa: who judged; the signing identity otherwise.",
    ),
)  # fmt: skip
