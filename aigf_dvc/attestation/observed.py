"""How far a judge trusts each stage of an attested lineage."""

from collections.abc import Mapping

from msgspec import Struct, field

from aigf_dvc.evidence.lineage import StageTrust, TrustLevel, weakest


class Observation(Struct, frozen=True, kw_only=True):
    """How far each stage is trusted, and why some are only declared."""

    stages: tuple[StageTrust, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)  # by stage

    @property
    def level(self) -> TrustLevel:
        """Return the level of the weakest stage."""
        return weakest(self.stages)
