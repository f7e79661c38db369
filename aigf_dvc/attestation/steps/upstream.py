"""Step: what came from elsewhere is attested there."""

from aigf_dvc.attestation.steps.case import Case, Found, passed, skipped
from aigf_dvc.attestation.upstream import LinkState, links_text, worst
from aigf_dvc.errors import RefusedError, UndecidedError


def take(case: Case) -> Found:
    """Look up the attestations of imported data and base models."""
    if case.demands.upstream is None:
        return skipped("not asked for (--upstream)")
    links = case.demands.upstream(case.deployment)
    if not links:
        return passed("nothing came from elsewhere")
    said, state = links_text(links), worst(links)
    if state is LinkState.ATTESTED:
        return passed(said)
    if not case.demands.upstream_required:
        return skipped(f"UPSTREAM NOT DEMANDED\n{said}")
    if state is LinkState.UNKNOWN:
        raise UndecidedError(said)
    raise RefusedError(said)
