"""The options of `aigf trust add` about one's own PKI: who certifies, and who tells the time."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.actions.trust_add import new_authority
from aigf_dvc.attestation.trust_edit import NewAuthority
from aigf_dvc.cli.options import FILE, Options, with_options

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class AuthorityOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about an authority."""

    name: str | None = None
    certificates: Path | None = None
    timestamps: Path | None = None

    def demand_sense(self, *, identity: bool, certificate: bool) -> None:
        """Refuse options that do not go together.

        Raises:
            click.UsageError: an authority for a Sigstore identity, or a part of one.
        """
        files = self.certificates or self.timestamps
        if identity and (self.name or files):
            raise click.UsageError("--authority goes with --certificate or --key.")
        if self.name is None and (files or certificate):
            raise click.UsageError("Say what the authority is called: --authority NAME.")
        if files and self.timestamps is None:
            raise click.UsageError(
                "--certificate-authority needs --timestamp-authority: a certificate ends, and only "
                "a timestamp tells that it signed before."
            )

    def new(self, trust: Path) -> NewAuthority | None:
        """Return the authority to add to a trust file, or None: it is to be there.

        Raises:
            InputError: a file holds no certificates.
        """
        if self.name is None or self.timestamps is None:
            return None
        return new_authority(
            self.name, trust, certificates=self.certificates, timestamps=self.timestamps
        )


def authority_options(command: _Command) -> Callable[..., Any]:
    """Add the options about an authority; the command gets them as `authority`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        authority = AuthorityOptions(
            name=given.pop("authority_name"),
            certificates=given.pop("certificate_authority"),
            timestamps=given.pop("timestamp_authority"),
        )
        return command(authority=authority, **given)

    return with_options(gathered, _OPTIONS)


_OPTIONS: Options = (
    click.option(
        "--authority", "authority_name", metavar="NAME",
        help="Who issued the certificate; of a key: whose timestamp its signatures need.",
    ),
    click.option(
        "--certificate-authority", type=FILE, metavar="FILE",
        help="Add that authority: the PEM of who issues certificates.",
    ),
    click.option(
        "--timestamp-authority", type=FILE, metavar="FILE",
        help="And the PEM of who tells the time.",
    ),
)  # fmt: skip
