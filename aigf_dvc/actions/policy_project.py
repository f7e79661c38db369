"""Finds the project that the tools of a policy's author work in, if they work in one."""

from pathlib import Path

from msgspec import Struct

from aigf_dvc.capture.project import Project, find_project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.settings import FILE_NAME, Settings
from aigf_dvc.trees.working_tree import WorkingTree


class Governed(Struct, frozen=True, kw_only=True):
    """A project with an aigf.yaml, as its working tree has it."""

    project: Project
    snapshot: WorkingTree
    settings: Settings

    @property
    def policy(self) -> Path:
        """Return where the policy is that aigf.yaml names."""
        return self.project.root / self.settings.policy


def near(path: Path) -> Path:
    """Return a path as people say it: from the folder in which we run, when it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def governed(start: Path) -> Governed | None:
    """Return the governed project that a folder is in, or None where there is none.

    Raises:
        InputError: its aigf.yaml is not valid.
    """
    try:
        project = find_project(start)
    except InputError:
        return None
    if not (project.root / FILE_NAME).is_file():
        return None
    snapshot = WorkingTree(project.root)
    return Governed(project=project, snapshot=snapshot, settings=load_settings(snapshot))
