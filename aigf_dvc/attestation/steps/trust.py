"""Step: the lineage is trusted as far as the judge demands."""

from collections.abc import Sequence

from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.steps.case import Case, Found, passed
from aigf_dvc.attestation.verification import Step, StepName, StepOutcome
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import TrustLevel

_SHOWN = 5


def level(case: Case, steps: Sequence[Step]) -> TrustLevel | None:
    """Return how far the lineage is trusted, or None when that step was not reached."""
    taken = next((step for step in reversed(steps) if step.name is StepName.TRUST), None)
    if taken is None or taken.outcome not in (StepOutcome.PASSED, StepOutcome.FAILED):
        return None
    try:
        return case.level
    except RefusedError:
        return None


def take(case: Case) -> Found:
    """Hold the weakest stage of the lineage against the demanded level."""
    demanded, level = case.demands.min_trust, case.level
    whose = ", by the word of the attester" if level.rank > TrustLevel.DECLARED.rank else ""
    if case.demands.observe is not None:
        whose = _observed_by(case.observation)
    said = f"the lineage is {level}{whose}; at least {demanded} is demanded"
    if level.rank < demanded.rank:
        raise RefusedError(said)
    return passed(said)


def _observed_by(observation: Observation) -> str:
    if observation.reasons:
        by_reason: dict[str, list[str]] = {}
        for name, reason in observation.reasons.items():
            by_reason.setdefault(reason, []).append(f"{name!r:.100}")
        return f": {'; '.join(f'{_few(names)}: {why}' for why, names in by_reason.items())}"
    observers = dict.fromkeys(stage.observer for stage in observation.stages)
    return f" by {', '.join(observers)}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
