"""Which controls of which frameworks the rules of a verdict claim to be evidence for."""

from collections.abc import Iterable

from msgspec import Struct

from aigf_dvc.policy.verdict import Finding, Outcome, Strength, worst

MEANINGS = {
    Strength.DIRECT: "the evidence is what the control asks for",
    Strength.PARTIAL: "the evidence is a part of what the control asks for",
    Strength.EXISTS: "a document says so; whether it is good is not judged",
}


class Claim(Struct, frozen=True, kw_only=True):
    """One control, how far one rule claims to be evidence for it, and what that rule found."""

    control: str
    strength: Strength
    rule: str
    outcome: Outcome  # the worst of the rule's findings


def claimed(findings: Iterable[Finding]) -> tuple[Claim, ...]:
    """Return every control that a rule names, by its id; a rule with several findings once."""
    found: dict[tuple[str, str], Claim] = {}
    for finding in findings:
        for control in finding.controls:
            key = control.id, finding.rule
            known = found.get(key)
            seen = finding.outcome if known is None else known.outcome
            found[key] = Claim(
                control=control.id,
                strength=control.strength,
                rule=finding.rule,
                outcome=worst((seen, finding.outcome)),
            )
    return tuple(found[key] for key in sorted(found))
