"""What travels with the package: its folders `policies` and `templates`, and its version."""

from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def folder(name: str) -> Traversable:
    """Return a shipped folder: the wheel's copy, or the source tree's when run from there."""
    packaged = files("aigf_dvc") / "_shipped" / name
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / name


def text(name: str, file: str) -> str:
    """Return the text of one shipped file."""
    return (folder(name) / file).read_text(encoding="utf-8")


def version() -> str:
    """Return the installed version of this package."""
    try:
        return metadata.version("aigf-dvc")
    except metadata.PackageNotFoundError:  # run from a source tree that nobody installed
        return "0+unknown"
