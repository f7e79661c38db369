"""The project that a command was started in, for commands that can do without one."""

from pathlib import Path

from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.errors import InputError


def project_here() -> Project | None:
    """Return the project that the command was started in; None outside of any."""
    try:
        return find_project(Path.cwd())
    except InputError:
        return None
