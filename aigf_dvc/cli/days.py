"""Days as people write them."""

from datetime import date

import click


def day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """Read a day such as 2026-12-24."""
    if value is None:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.isoformat() != value:
        raise click.BadParameter(f"{value!r} is not a day such as 2026-12-24.")
    return found
