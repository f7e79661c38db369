"""Runs `aigf` in the container of a step; what it says besides its result is the step's log."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from aigf_dvc.errors import UndecidedError


class Answer(Struct, frozen=True, kw_only=True):
    """What a command answered."""

    code: int
    printed: bytes
    document: dict[str, Any]  # Any: our own JSON, whose schemas say more; empty without one


def given(options: Mapping[str, str]) -> list[str]:
    """Return the options that were given a value, as arguments; `=` keeps a value a value."""
    return [f"{name}={value}" for name, value in options.items() if value]


def ask(verb: str, *arguments: str, folder: Path | None = None) -> Answer:
    """Run a command with `--format json`, and return its answer.

    Args:
        verb: the command.
        arguments: its own.
        folder: where it runs; -I keeps Python from importing what lies there.

    Raises:
        UndecidedError: it was killed, or says yes without saying what was judged.
    """
    command = [sys.executable, "-I", "-m", "aigf_dvc", verb, "--format=json", *arguments]
    sys.stderr.flush()
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
    )
    if done.returncode < 0:
        raise UndecidedError(
            f"`aigf {verb}` was killed by signal {-done.returncode}", expected="an answer",
            hint="signal 9 is mostly a lack of memory: give the task more",
        )  # fmt: skip
    try:
        document = json.loads(done.stdout) if done.stdout else {}
    except ValueError:
        document = {}
    if done.returncode == 0 and not document:
        raise UndecidedError(
            f"`aigf {verb}` says yes, but not to what", expected="its result as JSON",
            hint="run the same version of aigf-dvc in the image and where the pipeline is made",
        )  # fmt: skip
    return Answer(code=done.returncode, printed=done.stdout, document=document)
