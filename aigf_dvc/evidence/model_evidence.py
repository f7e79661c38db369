"""Everything that a policy judges about one model."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import Lineage
from aigf_dvc.evidence.metrics import Metric
from aigf_dvc.evidence.model_card import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model: a model is one file, or a directory of them."""

    name: str  # the path in the repository, `/` between the parts
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEvidence:
    """The evidence about one model. What is None or absent was not found; a rule may demand it."""

    model: str
    card: ModelCard | None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    metric_places: Mapping[str, str] = field(default_factory=dict)  # where a named metric belongs
    documents: tuple[GovernanceDocument, ...] = ()
    lineage: Lineage | None = None  # None: judged without a repository
    card_path: str = "MODEL_CARD.md"  # where the card is, or belongs
    sha256: Sha256 | None = None  # of the model; a directory's is its tree digest
    data: Mapping[str, Sha256] = field(default_factory=dict)  # the data it was made from, by path
