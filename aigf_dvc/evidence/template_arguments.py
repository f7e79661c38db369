"""Writes a mapping as a command's arguments, as DVC's `${...}` in a `cmd` does."""

from collections.abc import Callable, Iterator, Mapping
from shlex import quote
from typing import Any

from msgspec import Struct

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read

CONFIG = ".dvc/config"
_CHOICES = {"bool": ("store_true", "boolean_optional"), "list": ("nargs", "append")}


class ParsingOptions(Struct, frozen=True, kw_only=True):
    """The section `parsing` of DVC's configuration."""

    false_as_no: bool = False  # parsing.bool = boolean_optional: false becomes `--no-NAME`
    repeat_lists: bool = False  # parsing.list = append: `--n 1 --n 2` instead of `--n 1 2`


def read_parsing_options(data: bytes) -> ParsingOptions:
    """Read the section `parsing` of `.dvc/config`, an INI file.

    DVC also looks into `.dvc/config.local` and the user's and system's own files. They are not in
    git, so no commit says what they held: they are left out. A project whose commands depend on
    them gets "the command changed after the run".

    Raises:
        UndecidedError: the section holds something that DVC does not know either.
    """
    found: dict[str, str] = {}
    section = ""
    for line in map(str.strip, data.decode(errors="replace").splitlines()):
        if line.startswith("["):
            section = line.lower().partition("]")[0][1:].strip("\"' ")
        elif section == "parsing" and line and not line.startswith("#"):
            name, value = map(_bare, line.lower().partition("=")[::2])
            if value not in _CHOICES.get(name, ()):
                raise UndecidedError(
                    f"[parsing] {read.shown(line)}",
                    where=CONFIG,
                    expected="bool = store_true or boolean_optional, list = nargs or append",
                )
            found[name] = value
    return ParsingOptions(
        false_as_no=found.get("bool") == "boolean_optional",
        repeat_lists=found.get("list") == "append",
    )


def _bare(text: str) -> str:
    """Return a name or value of an INI file without its comment and quotes."""
    return text.partition("#")[0].strip().strip("\"'")


def as_arguments(
    values: Mapping[str, Any],
    options: ParsingOptions,
    *,
    spend: Callable[[int], None],
    where: str,
) -> str:
    """Return `--name value ...` for each value; nested names get dots between them.

    Args:
        values: the mapping; an empty one inside it says nothing.
        options: how booleans and lists are written.
        spend: counts each value with its length, and refuses when it is enough.
        where: for messages.

    Raises:
        UndecidedError: a list holds lists or mappings, or two values have one name.

    Texts are quoted for a POSIX shell. DVC on Windows quotes in another way: a lock written there
    may differ.
    """
    written: dict[str, list[str]] = {}
    for name, value in _flat(values, "", spend):
        if name in written:
            raise UndecidedError(
                f"two values are called {read.shown(name)}", where=where, expected="one"
            )
        for item in value if isinstance(value, list) else (value,):
            spend(len(name) + (len(item) if isinstance(item, str) else 0))
        written[name] = _argument(f"--{name}", value, options, where)
    return " ".join(part for parts in written.values() for part in parts).rstrip()


def _flat(
    values: Mapping[str, Any], prefix: str, spend: Callable[[int], None]
) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        spend(len(prefix))
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.", spend)
        else:
            yield prefix + key, value


def _argument(name: str, value: object, options: ParsingOptions, where: str) -> list[str]:
    if isinstance(value, bool):
        negative = [f"--no-{name[2:]}"] if options.false_as_no else []
        return [name] if value else negative
    if not isinstance(value, list):
        return [name, _word(value, name, where)]
    words = [_word(item, name, where) for item in value]
    if options.repeat_lists:
        return [part for word in words for part in (name, word)]
    return [name, *words] if words else []


def _word(value: object, name: str, where: str) -> str:
    if isinstance(value, Mapping | list | bytes):
        raise UndecidedError(
            f"the argument {name[:80]} has more than one level",
            where=where,
            expected="a list of texts and numbers",
        )
    try:
        return quote(value) if isinstance(value, str) else str(value)
    except ValueError:  # Python bounds the digits of a number
        raise UndecidedError(
            f"the argument {name[:80]} is a very long number", where=where, expected="fewer digits"
        ) from None
