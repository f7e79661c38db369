"""The options that say who must have attested, where `--key` is the caller's own key."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.chosen_signer import Pki, chosen_signer
from aigf_dvc.cli.options import FILE, Options, with_options
from aigf_dvc.signing.open import AnySigner

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class AttesterOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about an attestation and its signer."""

    bundle: Path | None
    store: str
    key: Path | None
    identity: str | None
    issuer: str | None
    trusted_root: Path | None

    def signer(self) -> AnySigner:
        """Return whom the caller trusts to have attested.

        Raises:
            click.UsageError: nobody, several, or a part of somebody only.
            InputError: a file cannot be read.
        """
        if self.key is None and self.identity is None:
            raise click.UsageError(
                "Say who must have attested it: --attested-by FILE, or --identity ID --issuer URL."
            )
        return chosen_signer(
            self.key, self.identity, self.issuer, trusted_root=self.trusted_root,
            pki=Pki(),
        )  # fmt: skip


def attester_options(command: _Command) -> Callable[..., Any]:
    """Add the options about the attester; the command gets them as `attester`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        attester = AttesterOptions(
            bundle=given.pop("bundle"),
            store=given.pop("store"),
            key=given.pop("attested_by"),
            identity=given.pop("identity"),
            issuer=given.pop("issuer"),
            trusted_root=given.pop("trusted_root"),
        )
        return command(attester=attester, **given)

    return with_options(gathered, _OPTIONS)


_OPTIONS: Options = (
    click.option("--bundle", type=FILE, metavar="FILE", help="The attestation: a bundle."),
    click.option(
        "--from", "store", default="git", show_default=True, metavar="STORE",
        help="Or where it is: `git`, `git:PATH`, a folder.",
    ),
    click.option(
        "--attested-by", type=FILE, metavar="FILE",
        help="The public key that must have attested the model.",
    ),
    click.option("--identity", metavar="ID", help="Or the identity that must have."),
    click.option("--issuer", metavar="URL", help="Who must vouch for the identity."),
    click.option(
        "--trusted-root", type=FILE, metavar="FILE", help="The Sigstore instance to trust.",
    ),
)  # fmt: skip
