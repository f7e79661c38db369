"""The options that say where upstream attestations are, and whose are believed."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from aigf_dvc.cli.options import FILE

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


def upstream_options(command: _Command) -> _Command:
    """Add `--upstream-repo URL=PATH` and `--upstream-key FILE`."""
    repositories = click.option(
        "--upstream-repo", "repositories", multiple=True, metavar="URL=PATH",
        help="The clone or store here of a repository that data or a model came from; repeatable.",
    )  # fmt: skip
    keys = click.option(
        "--upstream-key", "upstream_keys", type=FILE, multiple=True, metavar="FILE",
        help="A public key whose upstream attestations are believed; repeatable.",
    )  # fmt: skip
    return repositories(keys(command))
