import re

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, PolicyReference, Result, Verdict
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.report.visible import cells, visible
from tests.report.hostile import HOSTILE
from tests.report.verdict_builders import hostile_report, one_of_each

ESCAPE = re.compile(r"\x1b\[[0-9]+m")


def a_finding(
    outcome: Outcome = Outcome.DENIED, *, observed: str = "fairness_score is 0.75"
) -> Finding:
    return Finding(
        rule="fairness",
        kind="metric",
        outcome=outcome,
        observed=observed,
        expected="at least 0.8",
        where="metrics.json:fairness_score",
        remedy="raise it by at least 0.05: change the model or its training, run `dvc repro` and "
        "check again",
    )


def a_verdict(*findings: Finding, result: Result = Result.DENIED, problem: str = "") -> Verdict:
    return Verdict(
        model="mortgage",
        at=Gate.PUSH,
        result=result,
        policy=PolicyReference(
            id="baseline", version="1.0.0", sha256=sha256(b"policy"), path="governance/policy.yaml"
        ),
        findings=findings,
        problem=problem,
    )


def text_of(*verdicts: Verdict, color: bool = False) -> str:
    return verdict_text(verdicts, color=color)


def test_a_denial_reads_from_what_failed_to_what_to_do() -> None:
    deferred = Finding(
        rule="trust",
        kind="lineage",
        outcome=Outcome.DEFERRED,
        observed="not judged at push",
        expected="judged at attest",
    )
    passed = replace(a_finding(Outcome.PASSED), rule="latency", observed="p95_latency_ms is 320")
    passed = replace(passed, expected="at most 500", remedy="")
    assert text_of(a_verdict(passed, deferred, a_finding())) == (
        """\
✘ mortgage is denied at the push gate
  policy baseline 1.0.0, governance/policy.yaml, sha256:"""
        + sha256(b"policy")[:12]
        + """

  ✘ fairness (metric)
    found     fairness_score is 0.75
    expected  at least 0.8
    where     metrics.json:fairness_score
    to do     raise it by at least 0.05: change the model or its training, run
              `dvc repro` and check again

  → trust  judged at attest

  ✔ latency  p95_latency_ms is 320 (expected at most 500)

1 model: 1 denied. 3 findings: 1 denied, 1 deferred, 1 passed.
"""
    )


def test_a_warning_says_that_it_is_one_and_what_to_do() -> None:
    text = text_of(a_verdict(a_finding(Outcome.WARNED), result=Result.PASSED))
    assert text.startswith("✔ mortgage has passed at the push gate\n")
    assert "  ! fairness (metric): a warning\n    found     fairness_score is 0.75\n" in text
    assert text.endswith("1 model: 1 passed. 1 finding: 1 warned.\n")


def test_an_undecided_verdict_says_why() -> None:
    verdict = a_verdict(result=Result.UNDECIDED, problem="dvc.lock:7: not YAML")
    text = text_of(verdict)
    assert text.startswith("? mortgage is undecided at the push gate\n")
    assert "\n  dvc.lock:7: not YAML\n" in text
    assert text.endswith("1 model: 1 undecided. 0 findings.\n")


def test_several_models_share_one_summary() -> None:
    text = text_of(
        a_verdict(a_finding()), a_verdict(a_finding(Outcome.PASSED), result=Result.PASSED)
    )
    assert text.endswith("2 models: 1 passed, 1 denied. 2 findings: 1 denied, 1 passed.\n")


def test_no_verdict_never_looks_like_a_pass() -> None:
    assert text_of() == "✘ no model was judged, so nothing has passed\n"


def test_denials_stand_before_warnings_and_passes_come_last() -> None:
    findings = [replace(a_finding(outcome), rule=outcome.value) for outcome in Outcome]
    text = text_of(a_verdict(*findings))
    starts = ("\n  ✘ denied (", "\n  ! warned (", "\n  → deferred ", "\n  ✔ passed ")
    order = [text.index(start) for start in starts]
    assert order == sorted(order)


def test_colour_adds_nothing_but_colour() -> None:
    verdict = a_verdict(*(a_finding(outcome) for outcome in Outcome))
    plain, coloured = text_of(verdict), text_of(verdict, color=True)
    assert "\x1b" not in plain
    assert "\x1b[31mis denied\x1b[0m" in coloured
    assert ESCAPE.sub("", coloured) == plain


def test_it_says_title_waiver_tier_environment_notes_rule_and_controls() -> None:
    text = text_of(*one_of_each().verdicts)
    for said in (
        "✘ fraud is denied at the attest gate for production, as tier high\n",
        "  note: a waiver by Eve does not count: it is about other bytes [sha256:ef01]\n",
        "  ✘ rule-denied (metric)\n    Every group gets its share\n    found     fairness",
        "    why       four fifths of the best group's rate, 29 CFR 1607.4 D\n",
        "  ~ rule-waived (metric): WAIVED\n",
        "    waived    Dana Risk (risk-owner) until 2026-12-31: a pilot of 40 people\n",
        "    rule      governance/policy.yaml:12, for 2 controls\n",
    ):
        assert said in text


@pytest.mark.parametrize("width", [40, 59, 60, 88, 120])
def test_lines_fit_a_terminal(width: int) -> None:
    for report in (one_of_each(), hostile_report()):
        text = verdict_text(report.verdicts, color=False, width=width)
        assert max(map(cells, text.splitlines())) <= width


def test_a_narrow_terminal_has_labels_above_their_texts() -> None:
    text = verdict_text(one_of_each().verdicts, color=False, width=40)
    assert "    found\n      fairness_score is 0.75\n    expected\n      at least 0.8\n" in text


@pytest.mark.parametrize("width", [40, 88])
def test_colour_adds_nothing_but_colour_at_any_width(width: int) -> None:
    verdicts = (*one_of_each().verdicts, *hostile_report().verdicts)
    coloured = verdict_text(verdicts, color=True, width=width)
    assert ESCAPE.sub("", coloured) == verdict_text(verdicts, color=False, width=width)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [40, 88])
def test_hostile_text_arrives_as_text(text: str, width: int) -> None:
    verdicts = hostile_report([text]).verdicts
    said = verdict_text(verdicts, color=False, width=width)
    assert all(character.isprintable() or character == "\n" for character in said)
    shown = visible(" ".join(text.split())).replace(" ", "")
    assert "".join(said.split()).count(shown) >= 6 * 6  # six findings, six texts each at least
    tame = verdict_text(hostile_report(["tame"]).verdicts, color=False, width=width)
    marks = "✘!~→✔"
    assert [c for c in said if c in marks and c not in text] == [
        c for c in tame if c in marks and c not in text
    ]


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x07", "\u202e", "\x9b31m", "\u2028"])
def test_evidence_cannot_write_to_the_terminal(hostile: str) -> None:
    finding = replace(
        a_finding(), observed=f"a{hostile}b\nc", where=hostile, remedy=hostile, rule=f"r{hostile}"
    )
    verdict = replace(a_verdict(finding, problem=hostile), model=f"m{hostile}")
    for color in (False, True):
        rest = ESCAPE.sub("", text_of(verdict, color=color))
        assert all(character.isprintable() or character == "\n" for character in rest)
