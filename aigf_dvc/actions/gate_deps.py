"""Tell when the stage that judges the models leaves out something that it judges."""

from aigf_dvc.capture.dvc_ignore import DvcIgnore
from aigf_dvc.capture.gate_stage import gate_of, lacking_deps
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.snapshot import Snapshot
from aigf_dvc.capture.working_tree import WorkingTree
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.settings import Settings


def lacking_deps_of(project: Project) -> tuple[str, ...]:
    """Return what to tell of the gate in a project's working tree."""
    tree = WorkingTree(project.root)
    return note_lacking_deps(tree, read_pipeline(tree), load_settings(tree))


def note_lacking_deps(
    snapshot: Snapshot, pipeline: Pipeline, settings: Settings
) -> tuple[str, ...]:
    """Return what to tell of a gate, when there is one that leaves out what it judges."""
    gate = gate_of(pipeline)
    if gate is None:
        return ()
    lacking = lacking_deps(gate, settings, hides=DvcIgnore(snapshot).hides)
    if not lacking:
        return ()
    name = gate.address.removeprefix(f"{gate.file}:")
    return (
        f"the stage {name} does not depend on {', '.join(lacking)}: DVC does not run it when that"
        f" changes; add it to the stage's `deps:` in {gate.file}",
    )
