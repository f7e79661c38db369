"""A Python environment of its own for a program that the tests run, from the package registry.

It is made once for all test processes, in the cache of `programs.py`.
"""

import hashlib
import sys
from pathlib import Path

from tests.independent.programs import alone_in, cache, run_or_unavailable


def own_python(name: str, requirements: Path, *options: str, sees: Path | None = None) -> Path:
    """Return the Python of an environment that has some packages.

    Args:
        name: of the program.
        requirements: the file that pins them.
        options: pip's own.
        sees: a checkout whose packages it can import, too.

    Raises:
        ProgramUnavailable: it could not be made.
    """
    made_of = f"{sys.version}\0{sees}\0{options}\0".encode() + requirements.read_bytes()
    folder = cache() / f"{name}-{hashlib.sha256(made_of).hexdigest()[:16]}"
    python = folder / "venv/bin/python"
    with alone_in(folder):
        if not (folder / "ready").exists():
            make = [sys.executable, "-I", "-m", "venv", "--clear", str(folder / "venv")]
            run_or_unavailable(name, "making its environment", make)
            install = [str(python), "-I", "-m", "pip", "--quiet", "install", *options]
            run_or_unavailable(name, "pip install", [*install, "-r", str(requirements)])
            if sees is not None:
                (site,) = (folder / "venv/lib").glob("python*/site-packages")
                (site / "checkout.pth").write_text(f"{sees}\n")
            (folder / "ready").touch()
    return python
