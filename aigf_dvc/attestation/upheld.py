"""What people and engines uphold of an attestation, and what it says was waived."""

from msgspec import Struct

from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.policy.verdict import Outcome


class ConsentAgain(Struct, frozen=True, kw_only=True):
    """What came of it, a line each."""

    held: tuple[str, ...] = ()  # each rule that was waived or met, and by whom
    denied: tuple[str, ...] = ()  # each that nobody whom the judge trusts upholds
    notes: tuple[str, ...] = ()  # what was carried and does not count


def waived_rules(deployment: Deployment) -> tuple[str, ...]:
    """Return the rules that an attestation says were waived.

    Raises:
        RefusedError: its verdict has another form.
    """
    findings = Fields(deployment.verdict, "predicate.verdict").objects("findings")
    return tuple(f.text("rule") for f in findings if f.text("outcome") == Outcome.WAIVED)
