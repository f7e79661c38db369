"""The linter of Jenkinsfiles: a parser of Groovy, and what Jenkins says may stand in which block.

Jenkins' own linter is a server with plug-ins. The parser comes from Python's package registry into
the cache of `programs.py`, once for all test processes; `jenkinsfile_driver.py` runs there.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from tests.independent.programs import HERE, alone_in, cache, obtained, run_or_unavailable

_REQUIREMENTS = HERE / "groovy.txt"


def lint_jenkinsfile(file: Path) -> list[str]:
    """Return the faults of a declarative pipeline."""
    command = [str(obtained(_python)), "-I", str(HERE / "jenkinsfile_driver.py"), str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return [str(fault) for fault in json.loads(run.stdout)]


def _python() -> Path:
    state = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    folder = cache() / f"groovy-{state[:16]}"
    python = folder / "venv/bin/python"
    with alone_in(folder):
        if not (folder / "ready").exists():
            make = [sys.executable, "-I", "-m", "venv", "--clear", str(folder / "venv")]
            run_or_unavailable("groovy", "making its environment", make)
            install = [str(python), "-I", "-m", "pip", "--quiet", "install", "--only-binary=:all:"]
            run_or_unavailable("groovy", "pip install", [*install, "-r", str(_REQUIREMENTS)])
            (folder / "ready").touch()
    return python
