"""The options that say which model is in production, for every command that judges a new one."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.capture.baselines import Production
from aigf_dvc.cli.options import FILE, Options, with_options
from aigf_dvc.errors import InputError

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class BaselineOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about the model in production."""

    place: str | None = None
    keys: tuple[Path, ...] = ()
    identity: str | None = None
    issuer: str | None = None


def baseline_options(command: _Command) -> Callable[..., Any]:
    """Add the options about the production model; the command gets them as `baseline`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        baseline = BaselineOptions(
            place=given.pop("baseline_place"),
            keys=given.pop("baseline_key"),
            identity=given.pop("baseline_identity"),
            issuer=given.pop("baseline_issuer"),
        )
        return command(baseline=baseline, **given)

    return with_options(gathered, _OPTIONS)


_OPTIONS: Options = (
    click.option(
        "--baseline", "baseline_place", metavar="PLACE",
        help="Where the attestation of the production model is: a bundle, `git`, `git:PATH` or a "
        "folder.",
    ),
    click.option(
        "--baseline-key", type=FILE, multiple=True, metavar="FILE",
        help="Only what this public key signed is a baseline; repeatable.",
    ),
    click.option(
        "--baseline-identity", metavar="ID", help="Or only what this identity signed."
    ),
    click.option("--baseline-issuer", metavar="URL", help="Who must vouch for that identity."),
)  # fmt: skip


def open_production(
    options: BaselineOptions, *, trusted_root: Path | None, repository: Path, at: datetime
) -> Production | None:
    """Return what finds the production model, or None when the caller did not say where it is.

    Raises:
        click.UsageError: somebody is trusted for nothing, or an identity comes without its issuer.
        InputError: the place is not there, or a key or the trusted root cannot be read.
    """
    if (options.identity is None) != (options.issuer is None):
        raise click.UsageError("--baseline-identity and --baseline-issuer go together.")
    if options.place is None:
        if options.keys or options.identity is not None:
            raise click.UsageError("--baseline-key and --baseline-identity go with --baseline.")
        return None

    from aigf_dvc.actions.caller_file import read_file
    from aigf_dvc.actions.production_baseline import ProductionSearch
    from aigf_dvc.cli.root_file import read_root
    from aigf_dvc.signing.keys import load_public_key
    from aigf_dvc.signing.open import KeylessSigner, KeySigner

    signers: list[KeySigner | KeylessSigner] = [
        KeySigner(public_key=load_public_key(read_file(key), where=str(key)))
        for key in options.keys
    ]
    if options.identity is not None and options.issuer is not None:
        root = read_root(trusted_root)
        signers.append(
            KeylessSigner(identity=options.identity, issuer=options.issuer, trusted_root=root)
        )
    place = f"git:{repository}" if options.place == "git" else options.place
    if not place.startswith("git:") and not Path(place).exists():
        raise InputError(
            "no such file or folder",
            where=place,
            expected="a bundle, `git`, `git:PATH` or a folder",
        )
    return ProductionSearch(place=place, at=at, signers=tuple(signers))
