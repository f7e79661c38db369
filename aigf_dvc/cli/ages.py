"""Lengths of time as people write them."""

from datetime import timedelta

import click

from aigf_dvc.lazy_pattern import lazy_pattern

_AGE = lazy_pattern(r"([1-9][0-9]{0,4})([mhdw])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def age(_ctx: click.Context, _param: click.Parameter, value: str | None) -> timedelta | None:
    """Read a length of time such as 30d."""
    if value is None:
        return None
    match = _AGE.match(value)
    if match is None:
        raise click.BadParameter(f"{value!r} is not an age such as 12h, 30d or 8w.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
