"""Digests as people write them: `sha256:` and 64 hexadecimal digits."""

import click

from aigf_dvc.digests import Sha256
from aigf_dvc.lazy_pattern import lazy_pattern

_DIGEST = lazy_pattern(r"sha256:([0-9a-f]{64})\Z")


def digest_given(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Sha256 | None:
    """Read one digest."""
    return None if value is None else _read(value)


def digests_given(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> tuple[Sha256, ...]:
    """Read some digests."""
    return tuple(_read(value) for value in values)


def _read(value: str) -> Sha256:
    match = _DIGEST.match(value)
    if match is None:
        raise click.BadParameter(f"{value!r} is not `sha256:` and 64 hexadecimal digits.")
    return Sha256(match[1])
