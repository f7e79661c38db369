"""What a step says when the answer is no: one line, whatever others wrote into it."""

from typing import Any

import pytest

from aigf_dvc.kfp.words import remedy, unaccepted, unpassed

Document = dict[str, Any]


def a_verdict(*findings: Document, model: str = "scorer", result: str = "denied") -> Document:
    return {"model": model, "result": result, "findings": list(findings), "problem": ""}


def a_finding(rule: str, outcome: str = "denied", remedy: str = "") -> Document:
    return {
        "rule": rule, "outcome": outcome, "observed": "x is 1", "expected": "at least 2",
        "remedy": remedy,
    }  # fmt: skip


def a_verification(*outcomes: str, accepted: bool = False) -> Document:
    steps = [
        {"number": n, "name": f"name {n}", "outcome": outcome, "detail": f"detail {n}"}
        for n, outcome in enumerate(outcomes, 1)
    ]
    stopped = next((s["number"] for s in steps if s["outcome"] != "passed"), None)
    return {"accepted": accepted, "stoppedAt": stopped, "steps": steps}


def not_accepted(*verifications: Document) -> Document:
    attesters = {"demanded": 2, "found": ["Ann"]}
    return {"problem": None, "verifications": list(verifications), "attesters": attesters}


def test_every_model_that_did_not_pass_is_named_with_each_rule_that_denies_it() -> None:
    document = {
        "verdicts": [
            a_verdict(a_finding("fair"), a_finding("card", "passed"), a_finding("fast")),
            a_verdict(a_finding("slow", "warned"), model="other", result="passed"),
            a_verdict(model="third", result="undecided") | {"problem": "no such file"},
        ]
    }
    assert unpassed(document) == (
        "scorer is denied: fair: x is 1 (expected at least 2), fast: x is 1 (expected at least 2)"
        "; third is undecided: no such file"
    )


def test_nothing_judged_is_said() -> None:
    assert unpassed({"verdicts": []}) == "no model was judged"


def test_the_remedy_is_that_of_a_rule_that_denies() -> None:
    first = a_finding("warned", "warned", remedy="no hurry")
    document = {"verdicts": [a_verdict(first, a_finding("a"), a_finding("b", remedy="do it"))]}
    assert remedy(document) == "b: do it"
    assert remedy({"verdicts": []}) == ""


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"problem": "the store holds nothing about it"}, "the store holds nothing about it"),
        (
            not_accepted(a_verification("failed"), a_verification("passed", "failed")),
            "refused at step 2, name 2: detail 2",
        ),
        (
            not_accepted(a_verification("passed", "undecided")),
            "undecided at step 2, name 2: detail 2",
        ),
        (
            not_accepted(a_verification("passed", accepted=True)),
            "2 must attest it, and 1 did",
        ),
    ],
)
def test_the_attestation_that_got_furthest_says_why(document: Document, said: str) -> None:
    assert unaccepted(document) == said


def test_no_text_of_others_breaks_the_line_or_hides() -> None:
    finding = a_finding("fair", remedy="run\n\x1b[2J") | {"observed": "1\n::error::\u202e"}
    document = {"verdicts": [a_verdict(finding, model="s\nx")]}
    for text in (unpassed(document), remedy(document)):
        assert text.isprintable()
        assert text.isascii()
