"""The summary says all that matters, and hostile text arrives in it as text."""

import pytest

from aigf_dvc.policy.verdict import Outcome, Result
from aigf_dvc.report.verdict_markdown import verdict_markdown
from aigf_dvc.report.visible import visible
from tests.report.hostile import HOSTILE
from tests.report.rendered_markdown import render
from tests.report.verdict_builders import (
    a_finding,
    a_model,
    a_report,
    hostile_report,
    one_of_each,
)


def test_it_says_what_was_found_and_what_to_do() -> None:
    texts = render(verdict_markdown(one_of_each())).texts
    assert texts[0].startswith("aigf check: 3 models: 1 passed, 1 denied, 1 undecided. ")
    for said in (
        "✘ fraud is denied at the attest gate for production, as tier high",
        "Policy strict 2.1.0, governance/policy.yaml sha256:148de9c5a7a4",
        "✘ rule-denied: Every group gets its share",
        "found: fairness_score is 0.75",
        "expected: at least 0.8",
        "where: metrics.json:fairness_score",
        "why: four fifths of the best group's rate, 29 CFR 1607.4 D",
        "to do: raise it by at least 0.05: change the model, run `aigf repro` and check again",
        "rule: governance/policy.yaml:12, for 2 controls",
        "waived: Dana Risk (risk-owner) until 2026-12-31: a pilot of 40 people [sha256:abcd]",
        "note: a waiver by Eve does not count: it is about other bytes [sha256:ef01]",
        "Not decided: dvc.lock:7: not YAML",
        "approval_rate by group (at least 0.8)",
        "12 of 17",
        "aigf 1.2.3, 2026-11-26",
    ):
        assert said in texts


def test_denials_come_before_warnings_and_waivers() -> None:
    texts = render(verdict_markdown(one_of_each())).texts
    order = [texts.index(said) for said in ("Denied", "Warned", "Waived", "Other rules")]
    assert order == sorted(order)


def test_nothing_judged_is_no_pass() -> None:
    assert "no model was judged, so nothing has passed" in verdict_markdown(a_report())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_as_text(text: str) -> None:
    tame = render(verdict_markdown(hostile_report(["tame"])))
    hostile = render(verdict_markdown(hostile_report([text])))
    assert hostile.kinds == tame.kinds
    expected = [t.replace("tame", visible(text)) for t in tame.texts]
    assert ["".join(t.split()) for t in hostile.texts] == ["".join(t.split()) for t in expected]


def test_rules_that_all_hold_are_not_called_the_other_ones() -> None:
    passed = a_finding(Outcome.PASSED)
    alone = verdict_markdown(a_report(a_model(passed, result=Result.PASSED)))
    assert "### Rules" in alone
    beside = verdict_markdown(a_report(a_model(passed, a_finding())))
    assert "### Other rules" in beside
