"""Step: the attestation is neither of the future nor too old."""

from datetime import timedelta

from aigf_dvc.attestation.steps.case import Case, Found, passed, skipped
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.told_time import told_time

CLOCK_SKEW = timedelta(minutes=5)
"""How far an attestation may be ahead of the judge's clock, or of the time of its signature."""


def take(case: Case) -> Found:
    """Hold the time of the signature against the clock and the demanded age."""
    demands, claimed = case.demands, case.deployment.issued_on
    time = case.signer.time or claimed
    said = f"signed {told_time(time)} ({case.signer.time_source})"
    if time > demands.at + CLOCK_SKEW:
        raise RefusedError(f"issued in the future: {said}")
    if claimed > time + CLOCK_SKEW:
        raise RefusedError(f"{said}, yet claims to be of {told_time(claimed)}")
    if demands.max_age is None:
        return skipped(f"no --max-age; {said}")
    age = demands.at - time
    most = f"{demands.max_age.days} days" if demands.max_age.days else str(demands.max_age)
    if age > demands.max_age:
        raise RefusedError(f"{said}, {_ago(age)} ago; at most {most} is demanded")
    return passed(f"{said}, at most {most} ago")


def _ago(age: timedelta) -> str:
    return f"{age.days} days" if age.days else str(age).partition(".")[0]
