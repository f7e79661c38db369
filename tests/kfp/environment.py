"""KFP, in an environment of its own: it pins older packages than the one that the tests run in.

It comes from the package registry into the cache of `programs.py`, once for all test processes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.driver import Driver
from tests.independent.own_python import own_python
from tests.independent.programs import obtained
from tests.playground import PACKAGE, environment, make_home

_LOCK = PACKAGE / "requirements/kfp.lock"
_DRIVER = PACKAGE / "tests/kfp/driver.py"


def kfp_python() -> Path:
    """Return the Python that can import kfp, and this checkout.

    Raises:
        ProgramUnavailable: it could not be installed.
    """
    locked = ("--no-compile", "--no-deps", "--require-hashes", "--use-pep517")
    return own_python("kfp", _LOCK, *locked, sees=PACKAGE)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a job."""

    passed: bool
    log: str

    @property
    def said(self) -> str:
        """Return what the steps said, without what KFP says around it."""
        lines = (line.strip() for line in self.log.splitlines())
        return "\n".join(line for line in lines if line.startswith(("aigf:", "hint:")))


class Kfp(Driver):
    """The running KFP."""

    def __init__(self, folder: Path) -> None:
        python = obtained(kfp_python)
        make_home(folder / "home")
        variables = environment(folder / "home")
        del variables["PYTHONPATH"]  # a step finds what its environment has
        # KFP starts its tasks by the name `python3`.
        variables["PATH"] = f"{python.parent}{os.pathsep}{variables['PATH']}"
        self._log = folder / "log"
        super().__init__(python, _DRIVER, variables=variables)

    def run(
        self,
        name: str,
        root: Path,
        arguments: Mapping[str, str],
        *,
        caching: bool = False,
        file: Path | None = None,
    ) -> Ran:
        """Run a pipeline by KFP's local runner.

        Args:
            name: the pipeline.
            root: where its artifacts go.
            arguments: its own.
            caching: whether the runner keeps what tasks found, as a cluster does.
            file: which makes it; `pipelines.py` by default.
        """
        given = {"with": dict(arguments), "caching": caching, "file": str(file or "")}
        return self._ask(do="run", name=name, root=str(root), **given)

    def compile(self, name: str, output: Path, *, file: Path | None = None) -> Ran:
        """Write the YAML of a pipeline that a file makes, or of one of `pipelines.py`."""
        return self._ask(do="compile", name=name, output=str(output), file=str(file or ""))

    def _ask(self, **job: object) -> Ran:
        answer = self.answer(**job, log=self._log)
        assert answer in ("0\n", "1\n"), answer
        return Ran(passed=answer == "0\n", log=self._log.read_text())
