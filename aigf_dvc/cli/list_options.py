"""The options about signed lists: what is revoked, and which model an environment should run."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.options import FILE

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class OneKind(Struct, frozen=True, kw_only=True):
    """What the caller said about one kind of list."""

    places: tuple[str, ...] = ()
    keys: tuple[Path, ...] = ()
    required: bool = False
    override: str = ""

    def __bool__(self) -> bool:
        """Tell whether the caller said anything."""
        return bool(self.places or self.keys or self.required or self.override)


class ListOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about signed lists."""

    revocations: OneKind
    releases: OneKind
    state: Path | None = None


def list_options(command: _Command) -> Callable[..., Any]:
    """Add the options about signed lists; the command gets them as `lists`, a ListOptions."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        lists = ListOptions(
            revocations=OneKind(
                places=given.pop("revocations"),
                keys=given.pop("revocation_keys"),
                required=given.pop("require_revocations"),
                override=given.pop("override_revocation") or "",
            ),
            releases=OneKind(
                places=given.pop("releases"),
                keys=given.pop("release_keys"),
                required=given.pop("require_releases"),
                override=given.pop("override_release") or "",
            ),
            state=given.pop("state"),
        )
        return command(lists=lists, **given)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def _reason(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("say why, in a sentence.")
    return value


_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option(
        "--revocations", multiple=True, metavar="FILE|STORE",
        help="Look here for what was revoked: a list, `git`, `git:PATH` or a folder; repeatable.",
    ),
    click.option(
        "--revocation-key", "revocation_keys", type=FILE, multiple=True, metavar="FILE",
        help="Who may sign those lists, beside the role `revoke` of --trust: a public key.",
    ),
    click.option(
        "--require-revocations", is_flag=True,
        help="Cannot decide (exit code 3) without a list that is good now.",
    ),
    click.option(
        "--override-revocation", metavar="REASON", callback=_reason,
        help="Go on when no list is good now. It is printed; a revocation still refuses.",
    ),
    click.option(
        "--releases", multiple=True, metavar="FILE|STORE",
        help="Look here for which version the environment should run: as for --revocations.",
    ),
    click.option(
        "--release-key", "release_keys", type=FILE, multiple=True, metavar="FILE",
        help="Who may sign that index, beside the role `release` of --trust: a public key.",
    ),
    click.option(
        "--require-releases", is_flag=True,
        help="Cannot decide (exit code 3) without an index that is good now.",
    ),
    click.option(
        "--override-release", metavar="REASON", callback=_reason,
        help="Go on when no index is good now. It is printed; another version is still refused.",
    ),
    click.option(
        "--state", type=FILE, metavar="FILE",
        help="Where the highest numbers of lists are kept; ~/.local/state/aigf/lists.json.",
    ),
)  # fmt: skip
