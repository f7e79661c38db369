"""Step: the lineage holds when it is walked again."""

from aigf_dvc.attestation.steps.case import Case, Found, passed, skipped


def take(case: Case) -> Found:
    """Walk the lineage again in the repository that the judge names."""
    if case.demands.walk is None:
        return skipped("not asked for (--deep)")
    return passed(case.demands.walk(case.statement, case.deployment))
