"""The options of `aigf verify` that walk the lineage again."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.options import Options, with_options

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class DeepOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about walking the lineage again."""

    repository: str | None = None
    data: bool = False
    remote: str = ""


def deep_options(command: _Command) -> Callable[..., Any]:
    """Add `--deep` and what goes with it; the command gets them as `deep`, a DeepOptions."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        is_deep, repository = given.pop("is_deep"), given.pop("repository")
        if is_deep != (repository is not None):
            raise click.UsageError("--deep and --repo go together: --deep --repo URL|PATH.")
        data, remote = given.pop("deep_data"), given.pop("deep_remote")
        if (data and not is_deep) or (remote and not data):
            raise click.UsageError("--data goes with --deep, and --remote with --data.")
        deep = DeepOptions(repository=repository, data=data, remote=remote)
        return command(deep=deep, **given)

    return with_options(gathered, _OPTIONS)


_OPTIONS: Options = (
    click.option(
        "--deep", "is_deep", is_flag=True,
        help="Walk the lineage again, in the repository of --repo.",
    ),
    click.option(
        "--repo", "repository", metavar="URL|PATH",
        help="With --deep: a clone of the model's repository, or its https:// or file:// URL.",
    ),
    click.option(
        "--data", "deep_data", is_flag=True,
        help="With --deep: read the data too, from DVC's cache there or fetched from a remote.",
    ),
    click.option(
        "--remote", "deep_remote", default="", metavar="NAME|URL",
        help="With --data: the DVC remote; the repository's default one otherwise.",
    ),
)  # fmt: skip
