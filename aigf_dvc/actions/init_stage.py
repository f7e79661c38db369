"""The governance stage of `aigf init`: where it goes, and what it depends on."""

import posixpath
from collections.abc import Iterable
from pathlib import Path

from aigf_dvc.actions.init_plan import PlannedFile, planned, read_plain
from aigf_dvc.capture.dvc_ignore import DvcIgnore
from aigf_dvc.capture.dvc_yaml_edit import NewStage, add_stage
from aigf_dvc.capture.gate_stage import gate_deps, gate_of
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.settings import Settings
from aigf_dvc.trees.working_tree import WorkingTree

STAGE = "governance"
STAGE_FILE = "dvc.yaml"
_COMMENT = "Refuses a model that does not pass its policy (aigf.yaml). No outs, on purpose."


def plan_stage(
    root: Path, file: str, pipeline: Pipeline, settings: Settings, *, metrics: Iterable[str]
) -> PlannedFile:
    """Return the dvc.yaml with the governance stage; kept when there is one that runs ours.

    Args:
        root: the project's folder.
        file: the dvc.yaml to write the stage to.
        pipeline: the project's.
        settings: what the stage checks.
        metrics: more files that the verdict depends on.

    Raises:
        InputError: no such stage file, the name is taken, or no place in the file's text.
    """
    _demand_stage_file(file)
    gate = gate_of(pipeline)
    if gate is not None:
        data = read_plain(root / gate.file)
        name = gate.address.removeprefix(f"{gate.file}:")
        return planned(root / gate.file, data, data or b"", f"has the stage {name}")
    folder = posixpath.dirname(file)
    hides = DvcIgnore(WorkingTree(root)).hides
    deps = gate_deps(settings, metrics, folder=folder, hides=hides)
    new = NewStage(
        name=STAGE,
        command="aigf check",
        deps=deps,
        directory=posixpath.relpath(".", folder) if folder else "",
        comment=_COMMENT,
    )
    before = read_plain(root / file)
    return planned(root / file, before, add_stage(before, new, where=file), f"the stage {STAGE}")


def _demand_stage_file(file: str) -> None:
    is_inside = posixpath.normpath(file) == file and not file.startswith(("/", "../"))
    if not is_inside or posixpath.basename(file) != STAGE_FILE:
        raise InputError(
            f"the stage file {file!r}",
            where="--stage-file",
            expected="a path below the project's folder that ends in dvc.yaml",
            hint="DVC reads stages from files of that name only",
        )
