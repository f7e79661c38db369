"""Options and small habits that several commands share."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from aigf_dvc.cli.progress import Reading
from aigf_dvc.errors import InputError

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name

Options = Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]]
"""Options that stand together: decorators of a command."""

FILE = click.Path(path_type=Path)
_WIDTH = 88
_NARROWEST, _WIDEST = 40, 120  # columns; longer lines are hard to read


def format_option(command: _Command) -> _Command:
    """Add `--format text|json`."""
    return click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help="text for people, json for machines.",
    )(command)  # fmt: skip


def output_option(what: str) -> Callable[[_Command], _Command]:
    """Add `--output FILE`."""
    return click.option(
        "--output", type=FILE, callback=writable, metavar="FILE", help=f"Write {what} here."
    )


def writable(_ctx: click.Context, _param: click.Parameter, file: Path | None) -> Path | None:
    """Refuse a file that could not be written, before anything is read or signed for it.

    Raises:
        InputError: its folder is not there.
    """
    if file is not None and not file.parent.is_dir():
        raise InputError(
            f"there is no folder {str(file.parent)!r}", where=str(file),
            expected="a file in a folder that is there", hint="make the folder first",
        )  # fmt: skip
    return file


def use_color() -> bool:
    """Tell whether to colour the output: a terminal, and neither NO_COLOR nor a dumb one."""
    no_color = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not no_color


def text_width() -> int:
    """Return the columns to write text in: those of the terminal within reason, else 88."""
    if not sys.stdout.isatty():
        return _WIDTH
    import shutil  # loads all of Python's compressors

    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def talk(text: str) -> None:
    """Say something to a person, on standard error."""
    click.echo(text, err=True)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural where that is right."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


@contextmanager
def reading_progress() -> Iterator[Reading]:
    """Show how much was read, on standard error, when that is a terminal and it takes a while."""
    reading = Reading()
    try:
        yield reading
    finally:
        reading.end()


def with_options(command: Callable[..., Any], options: Options) -> Callable[..., Any]:
    """Return a command with options added, as if each decorated it, the first on top."""
    for option in reversed(options):
        command = option(command)
    return command
