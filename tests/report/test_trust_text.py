"""What `aigf trust check` says: a line for each remark and each line of the file."""

from aigf_dvc.attestation.trust_lint import Level, Remark
from aigf_dvc.attestation.trust_outcome import BundleOutcome, LineOutcome
from aigf_dvc.report.trust_text import trust_as_json, trust_text

REMARK = Remark(level=Level.WARNING, where="trust.yaml:3", text="it expires soon")
BAD = "evil\x1b[2J\u202e\nACCEPTED"


def outcome(refusal: str = "", *, problem: str = "", undecided: bool = False) -> BundleOutcome:
    line = LineOutcome(where="trust.yaml:7", owner="release", refusal=refusal)
    return BundleOutcome(
        name="b.json", role="attest", signed_with="a key", lines=(line,), problem=problem,
        undecided=undecided,
    )  # fmt: skip


def text(*outcomes: BundleOutcome) -> str:
    return trust_text("trust.yaml", (REMARK,), outcomes, color=False)


def test_remarks_and_outcomes_are_told_line_by_line() -> None:
    assert text(outcome()).splitlines() == [
        "trust.yaml:3: warning: it expires soon",
        "b.json: ACCEPTED to attest; signer: a key",
        "    trust.yaml:7: release: accepts",
    ]
    assert "    trust.yaml:7: release: refuses: too late" in text(outcome("too late"))
    assert "b.json: REFUSED to attest" in text(outcome("too late"))
    assert "b.json: REFUSED: nobody may" in text(outcome(problem="nobody may"))
    assert "b.json: UNDECIDED: unread" in text(outcome(problem="unread", undecided=True))
    assert trust_text("t.yaml", (), (), color=False) == "t.yaml: nothing to remark"
    assert "\x1b[33mwarning\x1b[0m" in trust_text("t.yaml", (REMARK,), (), color=True)


def test_a_problem_is_never_accepted() -> None:
    assert not outcome(problem="nobody may").accepted
    assert outcome(problem="nobody may").exit_code == 1
    assert outcome(problem="unread", undecided=True).exit_code == 3


def test_what_others_wrote_stays_on_its_line_and_harms_nobody() -> None:
    hostile = BundleOutcome(
        name=BAD, role="attest", signed_with=BAD, problem=BAD,
        lines=(LineOutcome(where=BAD, owner=BAD, refusal=BAD),),
    )  # fmt: skip
    said = text(hostile)
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert len(said.splitlines()) == 3


def test_machines_are_told_the_same() -> None:
    document = trust_as_json("t.yaml", (REMARK,), (outcome("too late"),))
    assert document["remarks"] == [
        {"level": "warning", "where": "trust.yaml:3", "text": "it expires soon"}
    ]
    assert document["bundles"] == [
        {
            "bundle": "b.json",
            "accepted": False,
            "role": "attest",
            "signedWith": "a key",
            "problem": None,
            "lines": [
                {
                    "line": "trust.yaml:7",
                    "owner": "release",
                    "accepts": False,
                    "reason": "too late",
                }
            ],
        }
    ]
