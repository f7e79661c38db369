"""The lineage of models as a graph: stages, artifacts, and the links between them, as values."""

from collections.abc import Iterable, Mapping
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.lineage import Cause, EdgeKind, EdgeState, StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Import, Recorded


@unique
class Role(StrEnum):
    """What an artifact is to the pipeline."""

    MODEL = "model"  # aigf.yaml governs it
    DATASET = "dataset"  # a .dvc file tracks it
    IMPORTED = "imported"  # a .dvc file brought it from another repository or place
    EXTERNAL = "external"  # outside the project; DVC only knows its name
    CODE = "code"  # code, and every other file that is in git
    PARAMETERS = "parameters"  # a parameter file
    INTERMEDIATE = "intermediate"  # a stage makes it
    METRICS = "metrics"
    PLOTS = "plots"


class GraphArtifact(Struct, frozen=True, kw_only=True):
    """One file or folder that a stage reads or makes, or that DVC tracks."""

    name: str
    role: Role
    state: EdgeState  # of the link from its maker; of the worst link to a reader when it has none
    reason: str
    sha256: Sha256 | None = None  # None: the bytes were never seen
    recorded: Recorded | None = None  # DVC's own record of it
    origin: Import | None = None  # where imported data came from
    models: tuple[str, ...] = ()  # the governed models that it is


class GraphParameter(Struct, frozen=True, kw_only=True):
    """One parameter that a stage reads."""

    file: str
    key: str
    value: Json  # what the run used, without secrets; None when nothing is recorded
    state: EdgeState
    cause: Cause
    reason: str


class GraphStage(Struct, frozen=True, kw_only=True):
    """One stage, its trust level, and its worst state."""

    address: str
    file: str  # the dvc.yaml
    directory: str
    commands: tuple[str, ...]  # of the last run, without secrets; as defined when it never ran
    trust: StageTrust
    state: EdgeState  # the worst of its command, inputs, outputs and parameters
    command_state: EdgeState
    command_reason: str
    parameters: tuple[GraphParameter, ...] = ()
    frozen: bool = False
    ran: bool = True


class Link(Struct, frozen=True, kw_only=True):
    """One input, output or parameter file of a stage."""

    stage: str
    artifact: str
    kind: EdgeKind
    state: EdgeState
    cause: Cause
    reason: str


class Part(Struct, frozen=True, kw_only=True):
    """Two artifacts of which one holds the other: what is read is a part of what was made."""

    made: str
    read: str


class LineageGraph(Struct, frozen=True, kw_only=True):
    """The lineage of some models, or of a whole pipeline; everything sorted by name."""

    models: tuple[str, ...]  # the names of the models that it was asked for; empty: all there is
    commit: str | None  # None: the working tree
    stages: tuple[GraphStage, ...]
    artifacts: tuple[GraphArtifact, ...]
    links: tuple[Link, ...]
    parts: tuple[Part, ...] = ()

    def levels(self) -> Mapping[TrustLevel, int]:
        """Return how many stages have each trust level."""
        return {level: sum(s.trust.level is level for s in self.stages) for level in TrustLevel}


_WORST_FIRST = (EdgeState.MISMATCHED, EdgeState.MISSING, EdgeState.RECORDED, EdgeState.VERIFIED)


def worst(states: Iterable[EdgeState]) -> EdgeState:
    """Return the state that says most against the whole; `missing` when there is none."""
    found = set(states)
    return next((state for state in _WORST_FIRST if state in found), EdgeState.MISSING)
