"""The options about signed lists: what is revoked, and which model an environment should run."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.options import FILE, with_options

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name
_Option = Callable[[Callable[..., Any]], Callable[..., Any]]


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
            revocations=_read(given, "revocation"),
            releases=_read(given, "release"),
            state=given.pop("state"),
        )
        return command(lists=lists, **given)

    return with_options(gathered, _OPTIONS)


def _reason(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("say why, in a sentence.")
    return value


def _read(given: dict[str, Any], kind: str) -> OneKind:  # Any: the options' own types
    return OneKind(
        places=given.pop(f"{kind}s"),
        keys=given.pop(f"{kind}_keys"),
        required=given.pop(f"require_{kind}s"),
        override=given.pop(f"override_{kind}") or "",
    )


def _of_kind(
    kind: str, *, places: str, called: str, keys: str, still: str
) -> tuple[_Option, _Option, _Option, _Option]:
    """Return the options about one kind of list.

    Args:
        kind: what the options' names are made from.
        places: what one looks for, and where.
        called: such a list, in a sentence.
        keys: whose keys may be named.
        still: what refuses all the same when nobody demands a list.
    """
    return (
        click.option(f"--{kind}s", multiple=True, metavar="FILE|STORE", help=places),
        click.option(
            f"--{kind}-key", f"{kind}_keys", type=FILE, multiple=True, metavar="FILE",
            help=f"Who may sign {keys}: a public key.",
        ),
        click.option(
            f"--require-{kind}s", is_flag=True,
            help=f"Cannot decide (exit code 3) without {called} that is good now.",
        ),
        click.option(
            f"--override-{kind}", metavar="REASON", callback=_reason,
            help=f"Go on when no {called.partition(' ')[2]} is good now. It is printed; {still}.",
        ),
    )  # fmt: skip


def state_option(command: _Command) -> _Command:
    """Add `--state FILE`."""
    return click.option(
        "--state", type=FILE, metavar="FILE",
        help="Where the highest numbers of lists are kept; ~/.local/state/aigf/lists.json.",
    )(command)  # fmt: skip


_OPTIONS: tuple[_Option, ...] = (
    *_of_kind(
        "revocation",
        places="Look here for what was revoked: a list, `git`, `git:PATH` or a folder; repeatable.",
        called="a list",
        keys="those lists, beside the role `revoke` of --trust",
        still="a revocation still refuses",
    ),
    *_of_kind(
        "release",
        places="Look here for which version the environment should run: as for --revocations.",
        called="an index",
        keys="that index, beside the role `release` of --trust",
        still="another version is still refused",
    ),
    state_option,
)
