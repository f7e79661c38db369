"""Paths of a report lie as the repository has them."""

from datetime import date
from pathlib import Path

from aigf_dvc.capture.project import Project
from aigf_dvc.cli.check_formats import Asked, root_of
from aigf_dvc.report.places import Root


def asked(project: Project | None, policy: Path | None = None) -> Asked:
    return Asked(project=project, policy=policy, revision=None, today=date(2026, 11, 26))


def test_a_project_in_a_folder_has_it_before_its_paths(tmp_path: Path) -> None:
    project = Project(root=tmp_path / "sub", repository=tmp_path, prefix="sub")
    assert root_of(asked(project)) == Root(folder="sub")
    inside = root_of(asked(project, tmp_path / "sub/../policies/strict.yaml"))
    assert inside == Root(folder="sub", policy="policies/strict.yaml")
    outside = root_of(asked(project, tmp_path.parent / "p.yaml"))
    assert outside == Root(folder="sub", policy=f"{tmp_path.parent}/p.yaml")


def test_files_alone_are_where_the_caller_says() -> None:
    assert root_of(asked(None, Path("p.yaml"))) == Root()
