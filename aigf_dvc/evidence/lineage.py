"""What is known about the links of a pipeline: the state of each edge and how far it is trusted."""

from collections.abc import Iterable, Mapping
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.digests import Sha256


@unique
class EdgeState(StrEnum):
    """How one input, output, parameter or command of a stage stands against the lock."""

    VERIFIED = "verified"  # the bytes are here and are what the lock records
    RECORDED = "recorded"  # the records agree, the bytes were not read
    MISMATCHED = "mismatched"  # two records, or a record and the bytes, contradict each other
    MISSING = "missing"  # nothing records it

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing speaks against the edge."""
        return self in ("verified", "recorded")  # the values: a history asks very often


@unique
class Cause(StrEnum):
    """Why an edge has its state, in one word; `Edge.reason` says it in a sentence."""

    SAME = "same"  # verified
    NOT_HERE = "bytes-not-here"  # the records agree; the bytes were not read
    OUTSIDE = "outside-the-project"  # only DVC's own record speaks of it
    CODE_CHANGED = "code-changed"  # after the run
    DATA_CHANGED = "data-changed"  # after it was recorded
    PARAMETER_DIFFERS = "parameter-differs"
    UPSTREAM_DIFFERS = "upstream-differs"  # what makes it has made another version since
    OUTPUT_EDITED = "output-edited"  # after the run
    DEFINITION_CHANGED = "definition-changed"  # dvc.yaml says something else than was run
    NEVER_RAN = "never-ran"
    NOT_RECORDED = "not-recorded"  # nothing records it
    CLAIMED_TWICE = "claimed-twice"  # two records say that they make it
    UNRELATED = "unrelated"  # nothing ties these numbers to the model


@unique
class EdgeKind(StrEnum):
    """What an edge links to its stage."""

    INPUT = "input"
    OUTPUT = "output"
    PARAMETER = "parameter"
    COMMAND = "command"


class Edge(Struct, frozen=True, kw_only=True):
    """One link of a stage, its state, and why it has that state."""

    stage: str
    kind: EdgeKind
    name: str  # the path; `file:key` of a parameter; empty for a command
    state: EdgeState
    reason: str
    cause: Cause = Cause.SAME


@unique
class TrustLevel(StrEnum):
    """How strong the proof is that a stage made its outputs from its inputs."""

    DECLARED = "declared"  # a lock file says so, which `dvc commit -f` can forge
    OBSERVED = "observed"  # our recorder saw the command run on these inputs make these outputs
    REPRODUCED = "reproduced"  # run again in a clean clone, with the same result

    @property
    def rank(self) -> int:
        """Return 0 for the weakest level and more for each stronger one."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(TrustLevel)}


class StageTrust(Struct, frozen=True, kw_only=True):
    """The trust level of one stage, and the run record behind it."""

    stage: str
    level: TrustLevel
    run_record: Sha256 | None = None  # of its evidence: the record, or the bundle that signs it
    observer: str = ""  # who signed the run record; empty: nobody but the attester
    reproduction: Sha256 | None = None  # digest of the record of the clean run; None: none


_FROM_WEAKEST = tuple(TrustLevel)


def weakest(stages: Iterable[StageTrust]) -> TrustLevel:
    """Return the level of the weakest stage; `declared` when there is none."""
    levels = [stage.level for stage in stages]
    for level in _FROM_WEAKEST:
        if level in levels:
            return level
    return TrustLevel.DECLARED


_FROM_BEST = (EdgeState.VERIFIED, EdgeState.RECORDED, EdgeState.MISMATCHED, EdgeState.MISSING)


def worst_state(edges: Iterable[Edge]) -> EdgeState:
    """Return the state of a stage, or of a lineage, from those of its edges; none are missing."""
    states = [edge.state for edge in edges] or [EdgeState.MISSING]
    return max(states, key=_FROM_BEST.index)


class Lineage(Struct, frozen=True, kw_only=True):
    """The ancestors of one model: every edge and stage that its bytes depend on."""

    edges: tuple[Edge, ...]
    stages: tuple[StageTrust, ...]
    clean_tree: bool | None = None  # None: judged from a commit, where nothing can be dirty
    behind: tuple[str, ...] | None = None  # what DVC would run again; None: not looked at

    @property
    def level(self) -> TrustLevel:
        """Return the level of the weakest stage; `declared` when there is none."""
        return weakest(self.stages)

    def count(self) -> Mapping[EdgeState, int]:
        """Return how many edges have each state."""
        return {state: sum(e.state is state for e in self.edges) for state in EdgeState}
