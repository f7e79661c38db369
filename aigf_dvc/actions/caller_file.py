"""Reads a file that the caller named; apart, as every command does and few need more of others."""

import os
import stat
from itertools import islice
from pathlib import Path

from aigf_dvc.errors import InputError

_LARGEST = 256 << 20  # bytes of a file that is read whole
_PIECE = 1 << 20
_OPEN = ("/dev/", "/proc/")  # where what is open already has its names


def read_file(path: Path) -> bytes:
    """Read a file that the caller named.

    Raises:
        InputError: it is not there, not a file, not readable, or larger than any such file.
    """
    if "\0" in str(path):  # as a text in a file can have it, where an argument cannot
        raise InputError(f"the file name {str(path)!r:.200}", expected="one without NUL")
    try:
        _refuse_named_pipe(path)
        with path.open("rb") as file:
            # In pieces: read() sets aside as much memory as it is asked for.
            pieces = iter(lambda: file.read(_PIECE), b"")
            data = b"".join(islice(pieces, _LARGEST // _PIECE + 1))
    except FileNotFoundError:
        raise InputError("no such file", where=str(path), expected="a file") from None
    except IsADirectoryError:
        raise InputError("a directory", where=str(path), expected="a file") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > _LARGEST:
        raise InputError(
            f"more than {_LARGEST >> 20} MiB",
            where=str(path),
            expected="a policy, card or document",
        )
    return data


def _refuse_named_pipe(path: Path) -> None:
    """Refuse a pipe with a name: to wait for somebody who writes into it may take for ever.

    The pipes of a shell's `<(...)` and of standard input are open at both ends.
    """
    is_open = os.path.realpath(path).startswith(_OPEN)
    if stat.S_ISFIFO(path.stat().st_mode) and not is_open:
        raise InputError("a named pipe", where=str(path), expected="a file")
