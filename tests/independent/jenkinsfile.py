"""The linter of Jenkinsfiles: a parser of Groovy, and what Jenkins says may stand in which block.

Jenkins' own linter is a server with plug-ins. The parser comes from Python's package registry into
the cache of `programs.py`, once for all test processes; `jenkinsfile_driver.py` runs there.
"""

import json
import subprocess
from pathlib import Path

from tests.independent.own_python import own_python
from tests.independent.programs import HERE, obtained


def lint_jenkinsfile(file: Path) -> list[str]:
    """Return the faults of a declarative pipeline."""
    command = [str(obtained(_python)), "-I", str(HERE / "jenkinsfile_driver.py"), str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return [str(fault) for fault in json.loads(run.stdout)]


def _python() -> Path:
    return own_python("groovy", HERE / "groovy.txt", "--only-binary=:all:")
