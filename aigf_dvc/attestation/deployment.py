"""What a deployment attestation says: the predicate as frozen values."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.lineage import Edge, EdgeState, Lineage, StageTrust, TrustLevel, weakest
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import PolicyReference

DEPLOYMENT = "https://aigf-dvc.readthedocs.io/predicates/deployment/v1"
"""The predicate type."""

FAMILY = f"{DEPLOYMENT.rpartition('/')[0]}/"
"""What the predicate types of all its versions start with."""


@unique
class ModelKind(StrEnum):
    """Whether a model is one file or a directory: the exact set of files below it."""

    FILE = "file"
    DIRECTORY = "directory"


class Source(Struct, frozen=True, kw_only=True):
    """The commit that the evidence was read from."""

    uri: str | None  # of the repository; None when it has no origin
    git_commit: str
    ref: str | None
    protected: tuple[str, ...] | None = None  # branches that contain it; None: not looked at
    authors: tuple[
        str, ...
    ] = ()  # addresses of who wrote what the model is made of; empty: unknown


class EvidenceItem(Struct, frozen=True, kw_only=True):
    """One file of evidence by its digest, with its bytes where they are at hand."""

    name: str
    media_type: str
    sha256: Sha256
    content: bytes | None


def evidence_item(name: str, media_type: str, content: bytes) -> EvidenceItem:
    """Return the evidence that some bytes are."""
    return EvidenceItem(name=name, media_type=media_type, sha256=sha256(content), content=content)


EXTERNAL_VERDICT = "external-verdict/"
"""What the name of evidence starts with that another engine signed."""


class Carried(Struct, frozen=True, kw_only=True):
    """What people and other engines signed, in their bundles, so that a judge can verify it."""

    waivers: tuple[EvidenceItem, ...] = ()
    approvals: tuple[EvidenceItem, ...] = ()  # of the model, and signatures under its documents
    verdicts: tuple[EvidenceItem, ...] = ()


class AttestedDocument(Struct, frozen=True, kw_only=True):
    """A governance document: what it says of itself, and its bytes."""

    type: str
    date: date | None
    models: tuple[str, ...]
    file: EvidenceItem
    digests: tuple[Sha256, ...] = ()  # of the model or data files that it speaks of


class LineageVerification(Struct, frozen=True, kw_only=True):
    """What was found when the lineage was walked: counts, trust, and every bad edge."""

    edges: Mapping[EdgeState, int]
    stages: tuple[StageTrust, ...]
    problems: tuple[Edge, ...]  # the edges that are neither verified nor recorded
    behind: tuple[str, ...] | None = None  # where dvc.lock is; None: not looked at

    @property
    def level(self) -> TrustLevel:
        """Return the level of the weakest stage."""
        return weakest(self.stages)


def lineage_verification(lineage: Lineage) -> LineageVerification:
    """Return what an attestation says of a lineage."""
    sound = (EdgeState.VERIFIED, EdgeState.RECORDED)
    return LineageVerification(
        edges=lineage.count(),
        stages=lineage.stages,
        problems=tuple(edge for edge in lineage.edges if edge.state not in sound),
        behind=lineage.behind,
    )


class Deployment(Struct, frozen=True, kw_only=True):
    """Everything that a deployment attestation says beside the digests of the model's files."""

    model: str
    path: str  # in the repository, `/` between the parts
    kind: ModelKind
    environment: str | None  # None: attested for no environment in particular
    verdict: Mapping[str, Json]  # as report.verdict_json writes it
    policy: PolicyReference
    policy_evidence: str | None  # the name of the policy's file among `evidence`
    source: Source
    tree: Sha256
    lineage: EvidenceItem  # the manifest
    lineage_verification: LineageVerification
    model_card: EvidenceItem | None
    metrics: Mapping[str, Metric]
    documents: tuple[AttestedDocument, ...]
    evidence: tuple[EvidenceItem, ...]  # policy and parts, baselines, run records, others' verdicts
    issued_on: datetime  # UTC, whole seconds
    tool_version: str
    waivers: tuple[EvidenceItem, ...] = ()  # the bundles that people signed
    approvals: tuple[EvidenceItem, ...] = ()  # and those under documents


class StatementHead(Struct, frozen=True, kw_only=True):
    """Of which files an in-toto Statement speaks, and what kind of thing it says of them."""

    predicate_type: str
    subjects: tuple[ModelFile, ...]


class Statement(StatementHead, frozen=True, kw_only=True):
    """An in-toto Statement: which files, and what is said of them."""

    predicate: Mapping[str, Json]
