"""Tell when the stage that judges the models leaves out something that it judges."""

from msgspec import Struct

from aigf_dvc.capture.dvc_ignore import DvcIgnore
from aigf_dvc.capture.gate_stage import gate_of, lacking_deps
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.settings import Settings
from aigf_dvc.trees.snapshot import Snapshot
from aigf_dvc.trees.working_tree import WorkingTree


class LackingDeps(Struct, frozen=True, kw_only=True):
    """The gate of a pipeline, and what it judges without depending on it."""

    stage: str
    file: str  # where the stage is defined
    deps: tuple[str, ...]  # none: it depends on all that it judges

    @property
    def found(self) -> str:
        """Say what is wrong."""
        named = ", ".join(self.deps)
        return (
            f"the stage {self.stage} does not depend on {named}: DVC does not run it when that"
            " changes"
        )

    @property
    def remedy(self) -> str:
        """Say what to do."""
        return f"add it to the stage's `deps:` in {self.file}"


def find_lacking_deps(project: Project) -> LackingDeps | None:
    """Return the gate in a project's working tree, or None when there is none."""
    tree = WorkingTree(project.root)
    return _of_gate(tree, read_pipeline(tree), load_settings(tree))


def lacking_deps_of(project: Project) -> tuple[str, ...]:
    """Return what to tell of the gate in a project's working tree."""
    return _told(find_lacking_deps(project))


def note_lacking_deps(
    snapshot: Snapshot, pipeline: Pipeline, settings: Settings
) -> tuple[str, ...]:
    """Return what to tell of a gate, when there is one that leaves out what it judges."""
    return _told(_of_gate(snapshot, pipeline, settings))


def _told(lacking: LackingDeps | None) -> tuple[str, ...]:
    return (f"{lacking.found}; {lacking.remedy}",) if lacking and lacking.deps else ()


def _of_gate(snapshot: Snapshot, pipeline: Pipeline, settings: Settings) -> LackingDeps | None:
    gate = gate_of(pipeline)
    if gate is None:
        return None
    return LackingDeps(
        stage=gate.address.removeprefix(f"{gate.file}:"),
        file=gate.file,
        deps=lacking_deps(gate, settings, hides=DvcIgnore(snapshot).hides),
    )
