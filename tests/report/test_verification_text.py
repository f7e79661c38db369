from typing import Any

from msgspec.structs import replace

from aigf_dvc.attestation.expectations import judge_statement
from aigf_dvc.attestation.trust import TrustLine
from aigf_dvc.attestation.verification import Step, StepName, StepOutcome, Verification, complete
from aigf_dvc.canonical import pretty
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.report.verification_text import tried_text, verification_as_json, verification_text
from tests.attestation.builders import (
    BY_KEY,
    DEPLOYED,
    POLICY,
    a_payload,
    some_demands,
)

BEFORE = (
    Step(name=StepName.BUNDLE, outcome=StepOutcome.PASSED, detail="a Sigstore bundle"),
    Step(name=StepName.SIGNATURE, outcome=StepOutcome.PASSED, detail="the key sha256:abc"),
)


def judged(
    artifact: tuple[ModelFile, ...] = DEPLOYED,
    **demands: Any,  # noqa: ANN401 (the fields of Demands)
) -> Verification:
    return judge_statement(
        a_payload(),
        artifact=artifact,
        demands=some_demands(**demands),
        signer=BY_KEY,
        before=BEFORE,
    )


REFUSED = judged((ModelFile(name="m", sha256=sha256(b"other")),))


def test_an_accepted_model_is_told_step_by_step() -> None:
    lines = verification_text(judged(), color=False).splitlines()
    assert lines[0] == " 1 ✔ bundle      a Sigstore bundle"
    assert lines[3] == " 4 – source      skipped: a key says nothing about the source"  # noqa: RUF001
    assert " 6 ✔ verdict     passed, 1 findings, for 'production'" in lines
    assert lines[-3:] == [
        "ACCEPTED: fraud for production",
        "  attested by sha256:abc",
        "  not checked: source, freshness, revocation, lineage, upstream, release",
    ]


def test_a_refusal_names_its_step_and_what_was_not_reached() -> None:
    lines = verification_text(REFUSED, color=False).splitlines()
    assert lines[4].startswith(" 5 ✘ subject     'm' has the SHA-256")
    assert " 6   verdict     not reached" in lines
    assert "REFUSED at step 5, subject: 'm' has the SHA-256" in lines


def test_a_judge_who_cannot_tell_says_undecided() -> None:
    step = Step(name=StepName.BUNDLE, outcome=StepOutcome.UNDECIDED, detail="unreadable")
    text = verification_text(Verification(steps=complete((step,))), color=False)
    assert text.startswith(" 1 ? bundle      unreadable\n")
    assert text.endswith("UNDECIDED at step 1, bundle: unreadable\n")


def test_steps_that_were_not_taken_are_never_told_as_accepted() -> None:
    text = verification_text(Verification(steps=()), color=False)
    assert "ACCEPTED" not in text
    assert "REFUSED" in text


def test_a_detail_of_several_lines_stays_in_its_column() -> None:
    step = Step(name=StepName.SUBJECT, outcome=StepOutcome.FAILED, detail="missing: a\nmissing: b")
    text = verification_text(Verification(steps=(step,)), color=False)
    assert " 5 ✘ subject     missing: a\n" + " " * 17 + "missing: b\n" in text


def test_no_line_is_wider_than_a_terminal_and_digests_stay_whole() -> None:
    text = verification_text(REFUSED, color=False) + verification_text(judged(), color=False)
    assert max(map(len, text.splitlines())) <= 90
    assert f"sha256:{DEPLOYED[0].sha256}" in text


def test_any_policy_is_told_aloud() -> None:
    text = verification_text(judged(policy_digests=None, any_policy=True), color=False)
    assert "POLICY NOT CHECKED" in text
    assert "not checked: source, policy," in text


def test_what_others_wrote_cannot_move_the_cursor() -> None:
    step = Step(name=StepName.SUBJECT, outcome=StepOutcome.FAILED, detail="a\x1b[2J\r\u202eb\ud800")
    text = verification_text(Verification(steps=(step,)), color=False)
    assert "a\\x1b[2J\\r\\u202eb\\ud800" in text
    assert text.encode()


def test_color_is_there_only_when_asked_for() -> None:
    assert "\x1b[32m✔\x1b[0m" in verification_text(judged(), color=True)
    assert "\x1b[31mREFUSED" in verification_text(REFUSED, color=True)
    assert "\x1b" not in verification_text(judged(), color=False)


def test_the_json_of_an_accepted_model_has_all_steps() -> None:
    found: Any = verification_as_json(judged())
    assert found["accepted"] is True
    assert found["exitCode"] == 0
    assert found["stoppedAt"] is None
    assert [step["number"] for step in found["steps"]] == [name.value for name in StepName]
    assert found["steps"][0] == {
        "number": 1,
        "name": "bundle",
        "outcome": "passed",
        "detail": "a Sigstore bundle",
    }
    assert found["signer"]["kind"] == "key"
    assert found["signer"]["timeSource"] == "claimed"
    assert found["signer"]["inTransparencyLog"] is False
    assert found["model"] == "fraud"
    assert found["policyDigest"] == {"sha256": POLICY.sha256}
    assert found["trustLevel"] == "declared"
    assert found["statementDigest"] == {"sha256": sha256(a_payload())}
    assert found["bundle"] is None
    assert pretty(found)


def test_the_json_names_the_bundle_by_its_digest() -> None:
    found: Any = verification_as_json(replace(REFUSED, bundle=b"the bundle"))
    assert found["bundle"] == {"sha256": sha256(b"the bundle")}


def test_the_json_of_a_refusal_says_where() -> None:
    found: Any = verification_as_json(REFUSED)
    assert (found["accepted"], found["exitCode"], found["stoppedAt"]) == (False, 1, 5)
    nothing: Any = verification_as_json(replace(REFUSED, signer=None, read_payload=None))
    assert nothing["signer"] is None
    assert nothing["model"] is None
    assert nothing["statementDigest"] is None


def accepted_by(owner: str) -> Verification:
    line = TrustLine(owner=owner, where=f"trust.yaml:{len(owner)}")
    return replace(judged(), signer=replace(BY_KEY, name=f"sha256:{owner}", line=line))


def test_the_line_of_the_trust_file_is_named() -> None:
    assert "  attested by sha256:ci (ci, trust.yaml:2)" in verification_text(
        accepted_by("ci"), color=False
    )
    row = verification_as_json(accepted_by("ci"))
    assert isinstance(row, dict)
    assert isinstance(row["signer"], dict)
    assert (row["signer"]["owner"], row["signer"]["trustLine"]) == ("ci", "trust.yaml:2")


def test_one_of_several_attesters_counts_and_only_all_together_are_accepted() -> None:
    tried = (accepted_by("ci"), accepted_by("audit"))
    assert tried_text(tried, attesters=2, color=False).endswith(
        "ACCEPTED: attested by 2 of 2 owners: ci, audit\n"
    )
    less = tried_text((accepted_by("ci"), REFUSED), attesters=2, color=False)
    assert less.endswith("REFUSED: attested by 1 of 2 owners: ci\n")
    assert "COUNTS: fraud" in less
    assert "REFUSED at step 5" in less
    assert "ACCEPTED" not in less
    assert tried_text((REFUSED, accepted_by("ci")), attesters=1, color=False).count("ACCEPTED") == 1
    assert "None of 2 attestations" in tried_text((REFUSED, REFUSED), attesters=2, color=False)


def test_each_owner_is_told_once_and_once_there_are_enough_nobody_else_is() -> None:
    tried = (accepted_by("ci"), accepted_by("ci"), accepted_by("audit"), REFUSED)
    text = tried_text(tried, attesters=2, color=False)
    assert text.count("COUNTS: fraud") == 2
    assert "(1 more of the same owners hold, too)" in text
    assert "REFUSED" not in text


def test_the_place_is_not_said_twice_and_what_to_do_stands_in_the_step() -> None:
    detail = "signature: another key signed\nto do: ask"
    step = Step(name=StepName.SIGNATURE, outcome=StepOutcome.FAILED, detail=detail)
    lines = verification_text(Verification(steps=(step,)), color=False).splitlines()
    assert lines[0] == " 2 ✘ signature   another key signed"
    assert lines[1].strip() == "to do: ask"
    assert lines[-1] == "REFUSED at step 2, signature: another key signed"


def test_an_owners_name_cannot_fool_the_eye() -> None:
    text = tried_text((accepted_by("ci\x1b[2J\u202e"),), attesters=2, color=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
