"""The JSON of a deployment statement in its canonical form, type by type.

A required field has no default: one that is missing, or of another type, is no such statement.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from aigf_dvc.attestation.deployment import ModelKind
from aigf_dvc.attestation.fields import MOST
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState, TrustLevel
from aigf_dvc.evidence.metric import Metric

Text = Annotated[str, Meta(min_length=1)]
Texts = tuple[Text, ...] | UnsetType | None
# A verdict as report.verdict_json writes it: so deep, and texts only.
Finding = dict[str, str | list[dict[str, str]]]
Verdict = dict[str, str | list[str | Finding] | dict[str, str | dict[str, str]]]
Day = date | UnsetType | None
Time = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=MOST)]


class Wire(Struct, frozen=True, gc=False, rename="camel"):
    """One JSON object; its fields stand in the order of the canonical form."""


class Digest(Wire, frozen=True, kw_only=True):
    """A digest set; further algorithms are another form."""

    sha256: str


class Item(Wire, frozen=True, kw_only=True):
    """A resource descriptor: evidence, with its content where it is carried."""

    content: str | UnsetType = UNSET
    digest: Digest
    media_type: Text
    name: Text


class Document(Wire, frozen=True, kw_only=True):
    """A governance document: what it says of itself, and its descriptor."""

    content: str | UnsetType = UNSET
    date: Day = UNSET
    digest: Digest
    digests: tuple[str, ...] | UnsetType = UNSET
    media_type: Text
    models: tuple[str, ...]
    name: Text
    type: Text


class Edge(Wire, frozen=True, kw_only=True):
    """An edge of the lineage that is mismatched or missing."""

    kind: EdgeKind
    name: str
    reason: str
    stage: Text
    state: EdgeState


class Stage(Wire, frozen=True, kw_only=True):
    """How far a stage is trusted."""

    name: Text
    observer: Text | UnsetType | None = UNSET
    reproduction: Digest | UnsetType | None = UNSET
    run_record: Digest | UnsetType | None = UNSET
    trust_level: TrustLevel


class Edges(Wire, frozen=True, kw_only=True):
    """How many edges are in each state."""

    mismatched: Count
    missing: Count
    recorded: Count
    verified: Count


class Lineage(Wire, frozen=True, kw_only=True):
    """What was found when the lineage was walked."""

    behind: Texts = UNSET
    edges: Edges
    problems: tuple[Edge, ...]
    stages: tuple[Stage, ...]
    trust_level: TrustLevel


class Model(Wire, frozen=True, kw_only=True):
    """Which model the statement is about."""

    kind: ModelKind
    name: Text
    path: Text


class Policy(Wire, frozen=True, kw_only=True):
    """Which policy it was held against."""

    digest: Digest
    evidence: Text | None
    id: str
    version: str


class Commit(Wire, frozen=True, kw_only=True):
    """The digest of the source."""

    git_commit: Text


class Source(Wire, frozen=True, kw_only=True):
    """The commit that the evidence was read from."""

    authors: Texts = UNSET
    digest: Commit
    protected_branches: Texts = UNSET
    ref: Text | None
    uri: Text | None


class Tool(Wire, frozen=True, kw_only=True):
    """What wrote the statement."""

    name: str
    version: Text


class Tree(Wire, frozen=True, kw_only=True):
    """The digest of the tree."""

    digest: Digest


class Predicate(Wire, frozen=True, kw_only=True):
    """The deployment predicate."""

    approvals: tuple[Item, ...]
    documents: tuple[Document, ...]
    environment: Text | None
    evidence: tuple[Item, ...]
    issued_on: Time
    lineage: Item
    lineage_verification: Lineage
    metrics: dict[str, Metric]
    model: Model
    model_card: Item | None
    policy: Policy
    source: Source
    tool: Tool
    tree: Tree
    verdict: Verdict
    waivers: tuple[Item, ...]


class Subject(Wire, frozen=True, kw_only=True):
    """One file of the model."""

    digest: Digest
    name: Text


class Statement(
    Wire, frozen=True, kw_only=True, rename={"kind": "_type", "predicate_type": "predicateType"}
):
    """The whole in-toto statement."""

    kind: Literal["https://in-toto.io/Statement/v1"]
    predicate: Predicate
    predicate_type: Literal["https://aigf-dvc.readthedocs.io/predicates/deployment/v1"]
    subject: tuple[Subject, ...]
