from aigf_dvc.digests import sha256
from aigf_dvc.policy.controls import read_catalogue
from aigf_dvc.policy.coverage import ControlCoverage, Coverage, Evidenced, cover
from aigf_dvc.policy.verdict import (
    Control,
    Finding,
    Gate,
    Outcome,
    PolicyReference,
    Result,
    Strength,
    Verdict,
)

CATALOGUE = read_catalogue(
    b"""\
id: f
name: A framework
source: somewhere
controls:
  c-10: {title: Ten, by: {metric: direct, document: exists}, not_shown: more}
  c-9: {title: Nine, by: {metric: partial}, not_shown: more}
  c-11: {title: Eleven, by: {metric: direct}, not_shown: more}
never: {c-12: people do it}
""",
    path="f.yaml",
)
OTHER = "other-framework:x"


def a_finding(
    rule: str, outcome: Outcome, *controls: str, kind: str = "metric", claim: Strength | None = None
) -> Finding:
    return Finding(
        rule=rule,
        kind=kind,
        outcome=outcome,
        observed="",
        expected="",
        controls=tuple(Control(id=c, strength=claim or Strength.DIRECT) for c in controls),
    )


def covered(*findings: Finding, result: Result = Result.PASSED) -> Coverage:
    verdict = Verdict(
        model="m",
        at=Gate.ATTEST,
        result=result,
        policy=PolicyReference(id="p", version="1", sha256=sha256(b"p")),
        findings=findings,
    )
    return cover(verdict, [CATALOGUE])


def the_control(coverage: Coverage) -> ControlCoverage:
    (control,) = coverage.controls
    return control


def test_a_rule_that_holds_evidences_its_control() -> None:
    control = the_control(covered(a_finding("r", Outcome.PASSED, "f:c-10")))
    assert (control.evidenced, control.strength) == (Evidenced.YES, Strength.DIRECT)
    assert (control.title, control.not_shown) == ("Ten", "more")


def test_no_claim_counts_for_more_than_the_catalogue_allows() -> None:
    control = the_control(covered(a_finding("r", Outcome.PASSED, "f:c-9")))
    assert control.strength is Strength.PARTIAL
    assert (control.shares[0].claimed, control.shares[0].counted) == (
        Strength.DIRECT,
        Strength.PARTIAL,
    )


def test_a_kind_that_the_catalogue_does_not_name_shows_only_that_something_exists() -> None:
    finding = a_finding("r", Outcome.PASSED, "f:c-9", kind="license")
    assert the_control(covered(finding)).strength is Strength.EXISTS


def test_a_modest_claim_stays_modest() -> None:
    finding = a_finding("r", Outcome.PASSED, "f:c-10", claim=Strength.EXISTS)
    assert the_control(covered(finding)).strength is Strength.EXISTS


def test_one_rule_that_denies_leaves_the_control_without_evidence() -> None:
    coverage = covered(
        a_finding("good", Outcome.PASSED, "f:c-10"), a_finding("bad", Outcome.DENIED, "f:c-10")
    )
    control = the_control(coverage)
    assert (control.evidenced, control.strength) == (Evidenced.NO, None)
    assert [share.outcome for share in control.shares] == [Outcome.PASSED, Outcome.DENIED]


def test_the_worst_finding_of_a_rule_counts() -> None:
    coverage = covered(
        a_finding("r", Outcome.DENIED, "f:c-10"), a_finding("r", Outcome.PASSED, "f:c-10")
    )
    assert the_control(coverage).shares[0].outcome is Outcome.DENIED
    assert the_control(coverage).evidenced is Evidenced.NO


def test_what_is_waived_warned_or_put_off_evidences_in_part_at_most() -> None:
    for outcome in (Outcome.WAIVED, Outcome.WARNED, Outcome.DEFERRED):
        alone = the_control(covered(a_finding("r", outcome, "f:c-10")))
        assert alone.evidenced is Evidenced.NO
        beside = covered(
            a_finding("r", outcome, "f:c-10"), a_finding("s", Outcome.PASSED, "f:c-10")
        )
        assert the_control(beside).evidenced is Evidenced.IN_PART


def test_a_rule_for_another_tier_takes_nothing_away_and_shows_nothing() -> None:
    other = a_finding("r", Outcome.NOT_APPLICABLE, "f:c-10")
    assert the_control(covered(other)).evidenced is Evidenced.NO
    beside = covered(other, a_finding("s", Outcome.PASSED, "f:c-10"))
    assert the_control(beside).evidenced is Evidenced.YES


def test_an_undecided_verdict_evidences_nothing() -> None:
    finding = a_finding("r", Outcome.PASSED, "f:c-10")
    assert the_control(covered(finding, result=Result.UNDECIDED)).evidenced is Evidenced.NO


def test_controls_stand_in_their_natural_order_and_others_are_left_out() -> None:
    coverage = covered(a_finding("r", Outcome.PASSED, "f:c-10", OTHER, "f:c-9"))
    assert [control.control for control in coverage.controls] == ["c-9", "c-10"]
    assert coverage.silent == (("f:c-11", "Eleven"),)
    assert coverage.never == (("f:c-12", "people do it"),)


def test_a_control_that_the_catalogue_does_not_know_is_said_to_be_unknown() -> None:
    control = the_control(covered(a_finding("r", Outcome.PASSED, "f:c-99")))
    assert (control.title, control.strength) == ("", Strength.EXISTS)
    assert "does not know" in control.not_shown
