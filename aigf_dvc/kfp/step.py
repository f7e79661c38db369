"""Ends a step as the command would end: with one clear message and its exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aigf_dvc.errors import AigfError


def say(text: str) -> None:
    """Say something in the log of the step."""
    sys.stderr.write(f"aigf: {text}\n")


@contextmanager
def step() -> Iterator[None]:
    """Let a step fail with the message of an error, and without a traceback in its log."""
    try:
        yield
    except AigfError as error:
        say(str(error))
        if error.hint:
            sys.stderr.write(f"  hint: {error.hint}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        say(str(error))
        sys.exit(AigfError.exit_code)
