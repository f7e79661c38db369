"""Names cannot forge a line of the answer, and its commands can be run as they are."""

import shlex

from msgspec.structs import replace

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.report.impact_text import (
    AffectedAttestation,
    AffectedModel,
    FoundData,
    Impact,
    impact_as_json,
    impact_text,
)
from aigf_dvc.report.model_history import SeenAt

EVIL = "x\nNOT AFFECTED: nothing was made from it\x1b[2J'; rm -rf ~"
SEEN = SeenAt(commit="c" * 40, time_s=1_700_000_000)
ONE, TWO = sha256(b"one"), sha256(b"two")


def an_impact(name: str = "scorer", digest: Sha256 | None = ONE) -> Impact:
    record = Recorded(path=name, algorithm="md5", value="a" * 32)
    return Impact(
        sought=name,
        values=("a" * 32,),
        commits=3,
        data=(
            FoundData(
                project="p", path=name, recorded=record, how=name, first=SEEN, last=SEEN, commits=1
            ),
        ),
        outputs=(("p", name, "b" * 32),),
        models=(
            AffectedModel(
                project="p", name=name, recorded=record, sha256=digest, stages=(name,),
                first=SEEN, last=SEEN, commits=2, refs=(name,),
            ),
        ),
        attestations=(
            AffectedAttestation(
                store="s", name="n", model=name, subjects=((name, TWO),), environment=name,
                signer=name, how=name,
            ),
        ),
        unread=(),
    )  # fmt: skip


def test_a_name_cannot_forge_a_line() -> None:
    plain, evil = (impact_text(an_impact(name), color=False) for name in ("scorer", EVIL))
    assert len(evil.splitlines()) == len(plain.splitlines())
    assert not any(line.startswith("NOT AFFECTED") for line in evil.splitlines())


def test_each_affected_digest_has_one_command_that_a_shell_reads_as_meant() -> None:
    lines = an_impact(EVIL).revocations
    words = [shlex.split(line) for line in lines]
    assert [word[3] for word in words] == [f"sha256:{ONE}", f"sha256:{TWO}"]
    assert all(word[:3] == ["aigf", "revoke", "--model"] and len(word) == 8 for word in words)
    assert all(word[-2:] == ["--key", "PRIVATE.key"] for word in words)  # the reader's own
    assert all("\n" not in line and "\x1b" not in line for line in lines)


def test_a_model_without_a_digest_has_no_command_and_says_so() -> None:
    impact = replace(an_impact(digest=None), attestations=())
    assert impact.revocations == ()
    assert "sha256 not known" in impact_text(impact, color=False)


def test_the_exit_code_is_the_worst_that_is_known() -> None:
    found = an_impact()
    nothing = replace(found, models=(), outputs=(), attestations=())
    assert found.exit_code == 1
    assert nothing.exit_code == 0
    assert replace(nothing, unread=(("x", "y"),)).exit_code == 3
    assert replace(found, unread=(("x", "y"),)).exit_code == 3
    for impact in (found, nothing):
        read = impact_as_json(impact)
        assert isinstance(read, dict)
        assert read["exitCode"] == impact.exit_code
