"""Which controls a verdict evidences, how far, and what it does not show; pure."""

from collections.abc import Iterator, Sequence
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.policy.controls import Catalogue, strongest, weaker
from aigf_dvc.policy.verdict import Control, Finding, Outcome, Result, Strength, Verdict, worst


@unique
class Evidenced(StrEnum):
    """Whether a verdict evidences a control."""

    YES = "evidenced"  # every rule that claims it was judged and holds
    IN_PART = "in part"  # some of them hold, the others were waived, put off or only warned
    NO = "not evidenced"  # one of them denies, or none was judged


class RuleShare(Struct, frozen=True, kw_only=True):
    """What one rule contributes to a control."""

    rule: str
    outcome: Outcome  # the worst of its findings
    claimed: Strength
    counted: Strength  # no more than the catalogue lets a rule of this kind claim


class ControlCoverage(Struct, frozen=True, kw_only=True):
    """One control, the rules that claim it, and what came of them."""

    framework: str
    control: str
    title: str  # empty: no catalogue knows the control
    evidenced: Evidenced
    strength: Strength | None  # of the rules that hold; None: none does
    shares: tuple[RuleShare, ...]
    not_shown: str


class Coverage(Struct, frozen=True, kw_only=True):
    """The controls that the verdict on one model evidences."""

    verdict: Verdict
    controls: tuple[ControlCoverage, ...]
    silent: tuple[tuple[str, str], ...] = ()  # controls that no rule claims: id, title
    never: tuple[tuple[str, str], ...] = ()  # controls that no pipeline can evidence: id, why


def cover(verdict: Verdict, catalogues: Sequence[Catalogue]) -> Coverage:
    """Return what a verdict evidences; an undecided one evidences nothing.

    Args:
        verdict: on one model; its findings name the controls.
        catalogues: the frameworks to report on; controls of others are left out.
    """
    claims = _claims(verdict)
    chosen = {catalogue.id: catalogue for catalogue in catalogues}
    covered = [
        _cover(name, findings, chosen[name.partition(":")[0]], verdict)
        for name, findings in claims.items()
        if name.partition(":")[0] in chosen
    ]
    return Coverage(
        verdict=verdict,
        controls=tuple(sorted(covered, key=lambda c: (c.framework, _natural(c.control)))),
        silent=tuple(_silent(catalogues, claims)),
        never=tuple(
            (f"{catalogue.id}:{name}", why)
            for catalogue in catalogues
            for name, why in catalogue.never.items()
        ),
    )


def _claims(verdict: Verdict) -> dict[str, list[Finding]]:
    claims: dict[str, list[Finding]] = {}
    for finding in verdict.findings:
        for control in finding.controls:
            claims.setdefault(control.id, []).append(finding)
    return claims


def _cover(
    name: str, findings: Sequence[Finding], catalogue: Catalogue, verdict: Verdict
) -> ControlCoverage:
    framework, _, within = name.partition(":")
    known = catalogue.control(within)
    shares = tuple(_shares(name, findings, catalogue))
    evidenced = _evidenced([share.outcome for share in shares], verdict)
    holding = tuple(share.counted for share in shares if share.outcome is Outcome.PASSED)
    return ControlCoverage(
        framework=framework,
        control=within,
        title=known.title if known else "",
        evidenced=evidenced,
        strength=strongest(holding) if holding and evidenced is not Evidenced.NO else None,
        shares=shares,
        not_shown=known.not_shown if known else "the catalogue does not know this control",
    )


def _shares(name: str, findings: Sequence[Finding], catalogue: Catalogue) -> Iterator[RuleShare]:
    known = catalogue.control(name.partition(":")[2])
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for rule, of_rule in by_rule.items():
        claimed = _claimed(of_rule[0].controls, name)
        most = known.by.get(of_rule[0].kind, Strength.EXISTS) if known else Strength.EXISTS
        yield RuleShare(
            rule=rule,
            outcome=worst(f.outcome for f in of_rule),
            claimed=claimed,
            counted=weaker(claimed, most),
        )


def _claimed(controls: Sequence[Control], name: str) -> Strength:
    return next(control.strength for control in controls if control.id == name)


def _evidenced(outcomes: Sequence[Outcome], verdict: Verdict) -> Evidenced:
    judged = [outcome for outcome in outcomes if outcome is not Outcome.NOT_APPLICABLE]
    if verdict.result is Result.UNDECIDED or Outcome.DENIED in judged:
        return Evidenced.NO
    if Outcome.PASSED not in judged:
        return Evidenced.NO
    return Evidenced.YES if set(judged) == {Outcome.PASSED} else Evidenced.IN_PART


def _silent(
    catalogues: Sequence[Catalogue], claims: dict[str, list[Finding]]
) -> Iterator[tuple[str, str]]:
    for catalogue in catalogues:
        for control in catalogue.controls:
            name = f"{catalogue.id}:{control.id}"
            if name not in claims:
                yield name, control.title


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Order `art-9` before `art-10`."""
    parts = text.replace(".", "-").split("-")
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
