"""The options of `aigf verify` by which the judge signs a summary: who signs, and where it goes."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct, field

from aigf_dvc.cli.options import FILE, Options, with_options
from aigf_dvc.cli.signer_options import SignerOptions, signer_option
from aigf_dvc.cli.uri_type import uri

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class VsaOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about a summary of the judge's own."""

    output: Path | None = None
    signing: SignerOptions = field(default_factory=SignerOptions)
    verifier: str = ""
    resource: str | None = None
    policy_uri: str | None = None


def vsa_options(command: _Command) -> Callable[..., Any]:
    """Add `--sign-vsa` and what goes with it; the command gets them as `vsa`, a VsaOptions."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        own = {name: given.pop(name) for name in tuple(given) if name.startswith("vsa_")}
        return command(vsa=_read(own), **given)

    return with_options(gathered, _OPTIONS)


def _read(own: dict[str, Any]) -> VsaOptions:  # Any: the options' own types
    token = own.pop("vsa_identity_token")  # it may stand in the environment for other commands
    if own["vsa_output"] is None:
        if any(value not in (None, False) for value in own.values()):
            raise click.UsageError("The --vsa options go with --sign-vsa FILE.")
        return VsaOptions()
    keyless = own["vsa_keyless"] or own["vsa_trust_config"] is not None
    if (own["vsa_key"] is not None) == keyless:
        raise click.UsageError("Say who signs the VSA: --vsa-key FILE or --vsa-keyless.")
    if own["vsa_verifier"] is None:
        raise click.UsageError("--sign-vsa needs --vsa-verifier-id URI: who are you, the judge?")
    signing = SignerOptions(
        keys=(own["vsa_key"],) if own["vsa_key"] is not None else (),
        certificate=own["vsa_certificate"],
        timestamp_url=own["vsa_timestamp_url"],
        keyless=keyless,
        trust_config=own["vsa_trust_config"],
        identity_token=token if keyless else None,
        yes_publish=own["vsa_yes_publish"],
    )
    return VsaOptions(
        output=own["vsa_output"],
        signing=signing,
        verifier=own["vsa_verifier"],
        resource=own["vsa_resource"],
        policy_uri=own["vsa_policy_uri"],
    )


_OPTIONS: Options = (
    click.option(
        "--sign-vsa", "vsa_output", type=FILE, metavar="FILE",
        help="When accepted, sign a Verification Summary (VSA v1) of your own, and write it here.",
    ),
    click.option(
        "--vsa-verifier-id", "vsa_verifier", metavar="URI", callback=uri,
        help="With --sign-vsa: who you are, the judge.",
    ),
    click.option(
        "--vsa-key", type=FILE, metavar="FILE|URI",
        help="With --sign-vsa: your private key, a PEM file or a token's `pkcs11:` URI.",
    ),
    signer_option("certificate", prefix="vsa-"),
    signer_option("timestamp-url", prefix="vsa-"),
    signer_option("keyless", prefix="vsa-"),
    signer_option("trust-config", prefix="vsa-"),
    signer_option("identity-token", prefix="vsa-"),
    signer_option("yes-publish", prefix="vsa-"),
    click.option(
        "--vsa-resource-uri", "vsa_resource", metavar="URI", callback=uri,
        help="With --sign-vsa: the model's URI where you keep it; the attested source by default.",
    ),
    click.option(
        "--vsa-policy-uri", metavar="URI", callback=uri,
        help="With --sign-vsa: where the policy is; it is named by its digest by default.",
    ),
)  # fmt: skip
