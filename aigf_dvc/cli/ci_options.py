"""The options that say by which commit to judge: the one that is named, or the one CI runs for."""

from collections.abc import Callable, Mapping
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.actions.check_base import Between
from aigf_dvc.canonical import Json
from aigf_dvc.errors import UndecidedError
from aigf_dvc.gates.ci import SYSTEMS, Ci, CiRun, detect, read_run
from aigf_dvc.gates.stage import in_stage

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name

_AUTO, _NONE = "auto", "none"
_LARGEST_EVENT = 64 << 20  # bytes; GitHub's own are below 25 MiB


class CiOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about the base."""

    base: str | None = None
    ci: str = _AUTO


class Place(Struct, frozen=True, kw_only=True):
    """Where a commit is judged under its base."""

    between: Between
    ci: Ci | None = None  # None: the caller named the base
    run: CiRun | None = None


def ci_options(command: _Command) -> Callable[..., Any]:
    """Add `--base` and `--ci`; the command gets them as `ci`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        ci = CiOptions(base=given.pop("base"), ci=given.pop("ci_name"))
        return command(ci=ci, **given)

    base = click.option(
        "--base", metavar="REV",
        help="Judge by the policy and aigf.yaml of this commit, which a change cannot switch off.",
    )  # fmt: skip
    ci = click.option(
        "--ci", "ci_name", type=click.Choice([_AUTO, _NONE, *(ci.value for ci in Ci)]),
        default=_AUTO, show_default=True,
        help="Take commit and base from this CI; auto: from the one it runs in.",
    )  # fmt: skip
    return base(ci(gathered))


def open_place(
    options: CiOptions,
    *,
    revision: str | None,
    others: Mapping[str, object],
    environment: Mapping[str, str],
) -> Place | None:
    """Return where a commit is judged under its base; None: what the other options say is judged.

    Args:
        options: what the caller said about the base.
        revision: the commit that the caller named.
        others: by their names, the options that say otherwise what to judge, or by what.
        environment: the process's variables.

    Raises:
        click.UsageError: options that contradict each other.
        UndecidedError: CI does not say what it runs for.
    """
    given = [name for name, value in others.items() if value]
    if options.base is not None:
        _demand_alone("--base", given)
        _demand_alone("--base", [] if options.ci in (_AUTO, _NONE) else ["--ci"])
        return Place(between=Between(bases=(options.base,), heads=(revision or "HEAD",)))
    asked = options.ci not in (_AUTO, _NONE)
    if asked:
        _demand_alone("--ci", [*given, *(["--rev"] if revision else [])])
    elif options.ci == _NONE or revision or given or in_stage(environment):
        return None
    ci = Ci(options.ci) if asked else detect(environment)
    if ci is None:
        return None
    run = read_run(ci, environment, _event(environment) if ci is Ci.GITHUB else None)
    lacks = f"the whole history is needed: {SYSTEMS[ci].whole_clone}; or name the base: `--base`"
    between = Between(
        bases=run.bases, heads=run.heads, may_be_first=run.has_first, whole_clone=lacks
    )
    return Place(between=between, ci=ci, run=run)


def default_form(place: Place | None) -> str:
    """Return the form that a verdict has where the caller names none."""
    return "github" if place is not None and place.ci is Ci.GITHUB else "text"


def _demand_alone(option: str, given: list[str]) -> None:
    if given:
        raise click.UsageError(f"{option} does not go with {given[0]}.")


def _event(environment: Mapping[str, str]) -> Json:
    """Return what GitHub says has happened; None when it says nothing."""
    import json  # only GitHub needs it

    name = environment.get("GITHUB_EVENT_PATH", "")
    if not name:
        return None
    try:
        with Path(name).open("rb") as file:
            data = b"".join(islice(iter(lambda: file.read(1 << 20), b""), _LARGEST_EVENT >> 20))
        event: Json = json.loads(data)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (ValueError, RecursionError):
        problem = "is no JSON"
    else:
        return event
    raise UndecidedError(
        problem, where=f"GITHUB_EVENT_PATH: {name}", expected="GitHub's description of the event",
        hint="name the commits: `aigf check --base origin/main --rev HEAD`",
    )  # fmt: skip
