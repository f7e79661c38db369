"""Finds the user's shell, and writes what stands in for it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.errors import UndecidedError

_DEFAULT_SHELL = "/bin/sh"  # DVC's, where SHELL is not set


class Shell(Struct, frozen=True, kw_only=True):
    """The user's shell."""

    program: str  # where it is
    variable: str  # the value of SHELL; empty when it is not set


def find_shell(variables: Mapping[str, str]) -> Shell:
    """Return the shell that DVC would start in an environment.

    Raises:
        UndecidedError: there is no such program.
    """
    variable = variables.get("SHELL", "")
    program = shutil.which(variable or _DEFAULT_SHELL, path=variables.get("PATH"))
    if program is None:
        raise UndecidedError(f"SHELL={variable}", expected="an existing shell")
    return Shell(program=program, variable=variable)


def write_stand_in(folder: Path, shell: Shell, text: str) -> Path:
    """Write the program that DVC starts as the shell; by its name DVC chooses the options."""
    path = folder / "shell" / Path(shell.program).name
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, text.encode(), mode=0o700)
    return path


def refuse_commands(stand_in: Path) -> None:
    """Let a stand-in run nothing any more: DVC may go on with the next stage when one has ended."""
    write_atomically(stand_in, b"#!/bin/sh\nexit 143\n", mode=0o700)
