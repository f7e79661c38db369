"""Programs that write git hooks beside ours: pre-commit and lefthook, husky, Git LFS.

The first two come from Python's package registry and husky from npm's, into the cache of
`programs.py`, once for all test processes; Git LFS is the machine's own.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from tests.independent.programs import (
    HERE,
    ProgramUnavailable,
    alone_in,
    cache,
    node_and_npm,
    run_or_unavailable,
)

_REQUIREMENTS = HERE / "hook-programs.txt"
_HUSKY = "husky@9.1.7"


def hook_programs() -> Path:
    """Return the folder with the programs pre-commit and lefthook.

    Raises:
        ProgramUnavailable: they could not be installed.
    """
    state = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    folder = cache() / f"hook-programs-{state[:16]}"
    with alone_in(folder):
        if not (folder / "ready").exists():
            make = [sys.executable, "-I", "-m", "venv", "--clear", str(folder / "venv")]
            run_or_unavailable("pre-commit", "making its environment", make)
            install = [str(folder / "venv/bin/python"), "-I", "-m", "pip", "--quiet", "install"]
            run_or_unavailable("pre-commit", "pip install", [*install, "-r", str(_REQUIREMENTS)])
            (folder / "ready").touch()
    return folder / "venv/bin"


def husky() -> list[str]:
    """Return the command that runs husky.

    Raises:
        ProgramUnavailable: node or npm are missing, or npm could not install it.
    """
    node, npm = node_and_npm()
    folder = cache() / _HUSKY
    with alone_in(folder):
        if not (folder / "ready").exists():
            (folder / "package.json").write_text('{"private": true}\n')
            install = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", _HUSKY]
            run_or_unavailable("husky", "npm install", install, folder)
            (folder / "ready").touch()
    return [node, str(folder / "node_modules/husky/bin.js")]


def git_lfs() -> Path:
    """Return Git LFS.

    Raises:
        ProgramUnavailable: it is not installed.
    """
    found = shutil.which("git-lfs")
    if found is None:
        raise ProgramUnavailable("git-lfs", "Debian's package is git-lfs", obtainable=True)
    return Path(found)
