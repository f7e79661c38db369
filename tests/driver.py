"""A Python of another environment that does jobs: a line of JSON each, and a line back."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self


class Driver:
    """The running program; it does jobs until the end of the `with` block."""

    def __init__(
        self,
        python: Path,
        script: Path,
        *,
        variables: Mapping[str, str] | None = None,
        errors: int | None = None,
    ) -> None:
        """Start it.

        Args:
            python: of the environment.
            script: what it runs.
            variables: its whole environment; ours by default.
            errors: where its standard error goes; ours by default.
        """
        self._process = subprocess.Popen(
            [str(python), "-I", str(script)],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def answer(self, **job: object) -> str:
        """Let it do a job; return its line."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job, default=str) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()
