"""Everything that a policy judges about one model."""

from collections.abc import Mapping

from msgspec import Struct, field

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.advisory import AdvisoryList
from aigf_dvc.evidence.approval import Approval, DocumentSignature, Waiver
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.external_verdict import ExternalVerdict
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import Lineage
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.package import PackageList
from aigf_dvc.evidence.parameter import Parameter


class ModelEvidence(Struct, frozen=True, kw_only=True):
    """The evidence about one model. What is None or absent was not found; a rule may demand it."""

    model: str
    card: ModelCard | None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    metric_places: Mapping[str, str] = field(default_factory=dict)  # where a named metric belongs
    documents: tuple[GovernanceDocument, ...] = ()
    document_places: Mapping[str, str] = field(default_factory=dict)  # by type, where listed
    lineage: Lineage | None = None  # None: judged without a repository
    card_path: str = "MODEL_CARD.md"  # where the card is, or belongs
    sha256: Sha256 | None = None  # of the model; a directory's is its tree digest
    data: Mapping[str, Sha256] = field(default_factory=dict)  # the data it was made from, by path
    files: tuple[ModelFile, ...] = ()  # of the model; empty: not hashed
    tree: Sha256 | None = None  # the digest of the tree that the evidence is from
    commit: Commit | None = None  # None: judged without git, or from the working tree
    parameters: tuple[Parameter, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    packages: tuple[PackageList, ...] = ()
    advisories: Mapping[str, AdvisoryList] = field(default_factory=dict)  # by the export's path
    baselines: tuple[Baseline, ...] = ()
    approvals: tuple[Approval, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    signatures: tuple[DocumentSignature, ...] = ()
    external_verdicts: tuple[ExternalVerdict, ...] = ()
    unsigned: tuple[str, ...] = ()  # what claims to be consent, and why it does not count
    absent: tuple[str, ...] = ()  # a statement's evidence about data and stages that is not at hand
