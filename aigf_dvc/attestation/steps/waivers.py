"""Step: people whom the judge trusts uphold every approval and waiver."""

from aigf_dvc.attestation.steps.case import Case, Found, passed
from aigf_dvc.errors import RefusedError
from aigf_dvc.policy.verdict import Outcome


def take(case: Case) -> Found:
    """Verify again what people and engines signed."""
    deployment, consent = case.deployment, case.demands.consent
    named = [item.name for item in (*deployment.waivers, *deployment.approvals)]
    waived = case.rules_by_outcome.get(Outcome.WAIVED, ())
    if consent is None:
        if named or waived:
            said = [f"{rule!r:.100} was waived" for rule in waived]
            said += [f"it carries {name!r:.100}" for name in named]
            raise RefusedError(f"without --trust nobody's word counts: {'; '.join(said)}")
        return passed("none")
    found = consent(case.statement, deployment)
    notes = [f"note: {note}" for note in found.notes]
    if found.denied:
        raise RefusedError("\n".join(["nobody whom you trust upholds", *found.denied, *notes]))
    return passed("\n".join([*found.held, *notes]) or "none, and no rule asks for any")
