"""How far a judge trusts each stage of an attested lineage."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aigf_dvc.evidence.lineage import Lineage, StageTrust, TrustLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """How far each stage is trusted, and why some are only declared."""

    stages: tuple[StageTrust, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)  # by stage

    @property
    def level(self) -> TrustLevel:
        """Return the level of the weakest stage."""
        return Lineage(edges=(), stages=self.stages).level
