"""The options that say whose approvals count, for every command that judges."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.options import FILE, Options, with_options

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class TrustOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about whom they trust."""

    trust: Path | None = None
    approvals: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether the caller said anything."""
        return self.trust is not None or bool(self.approvals)


def trust_options(command: _Command) -> Callable[..., Any]:
    """Add `--trust` and `--approvals`; the command gets them as `trusted`, a TrustOptions."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        trusted = TrustOptions(trust=given.pop("trust"), approvals=given.pop("approvals"))
        return command(trusted=trusted, **given)

    return with_options(gathered, _OPTIONS)


_OPTIONS: Options = (
    click.option(
        "--trust", type=FILE, metavar="FILE",
        help="Your trust file: whose word counts, as what. Without it no approval or waiver does.",
    ),
    click.option(
        "--approvals", multiple=True, metavar="FILE|STORE",
        help="More of them, or signed clean runs: a file of bundles, `git:PATH` or a folder.",
    ),
)  # fmt: skip
