"""Reads an option that is a URI."""

import click

from aigf_dvc.lazy_pattern import lazy_pattern

# RFC 3986: a scheme, and only characters that a URI has.
_URI = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")


def uri(_context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return the URI, or None where none was given."""
    if value is not None and not _URI.match(value):
        raise click.UsageError(
            f"{parameter.opts[0]} must be a URI, such as https://ci.example.com/train."
        )
    return value
