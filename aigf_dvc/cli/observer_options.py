"""The options that say whom the caller trusts to observe, for every command that judges."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.options import FILE, Options, with_options

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class ObserverOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about observers."""

    keys: tuple[Path, ...] = ()
    identity: str | None = None
    issuer: str | None = None

    def __bool__(self) -> bool:
        """Tell whether the caller named any."""
        return bool(self.keys) or self.identity is not None or self.issuer is not None


def observer_options(command: _Command) -> Callable[..., Any]:
    """Add the options that name observers; the command gets them as `observers`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        observers = ObserverOptions(
            keys=given.pop("observer_key"),
            identity=given.pop("observer_identity"),
            issuer=given.pop("observer_issuer"),
        )
        return command(observers=observers, **given)

    return with_options(gathered, _OPTIONS)


_OPTIONS: Options = (
    click.option(
        "--observer-key", type=FILE, multiple=True, metavar="FILE",
        help="Only runs signed with this public key are observed; repeatable.",
    ),
    click.option(
        "--observer-identity", metavar="ID", help="Or only those that this identity signed."
    ),
    click.option("--observer-issuer", metavar="URL", help="Who must vouch for that identity."),
)  # fmt: skip

trusted_root_option = click.option(
    "--trusted-root", type=FILE, metavar="FILE",
    help="The Sigstore instance that vouches for the observer's identity.",
)  # fmt: skip
records_option = click.option(
    "--records", metavar="STORE", default="git", show_default=True,
    help="Where signed run records are: `git`, `git:PATH` or a folder.",
)  # fmt: skip
