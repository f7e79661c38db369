"""What somebody is about to sign, in words that cannot move a cursor."""

from msgspec.structs import replace

from aigf_dvc.report.list_text import releases_text, revocations_text
from tests.attestation.list_builders import (
    MODEL,
    ON,
    OTHER,
    a_list,
    a_release,
    a_target,
    an_entry,
    an_index,
    lifted,
)

EVIL = "evil\x1b[2J\u202e"


def test_a_revocation_is_told_with_its_reason_and_what_the_list_holds() -> None:
    entry = an_entry(date=ON, replaced_by=f"sha256:{MODEL}", reason=EVIL)
    text = revocations_text(
        a_list(entry, lifted(an_entry(replace(a_target(), sha256=MODEL)))), [entry]
    )
    words = " ".join(text.split())
    assert "list revocations, number 3" in words
    assert "good until 2026-11-25 09:30:00 UTC" in words
    assert f"revokes model sha256:{OTHER}" in words
    assert "(defect)" in words
    assert "from 2026-11-18" in words
    assert f"instead sha256:{MODEL}" in words
    assert "entries 2, of which 1 count" in words
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_what_is_lifted_and_what_is_renewed_is_told() -> None:
    entry = lifted(an_entry())
    words = " ".join(revocations_text(a_list(entry), [entry]).split())
    assert f"lifts model sha256:{OTHER} reason false alarm" in words
    assert "none changes" in revocations_text(a_list(entry), [])


def test_a_release_is_told_with_what_is_still_allowed() -> None:
    release = a_release(allowed=(OTHER,), reason=EVIL)
    text = releases_text(an_index(release), [release])
    words = " ".join(text.split())
    assert "releases production, number 3" in words
    assert f"current sha256:{MODEL} 1.4" in words
    assert f"allowed sha256:{OTHER}" in words
    assert "models 1" in words
    assert "\x1b" not in text
    gone = a_release(digest=None)
    assert "NONE: it is withdrawn" in releases_text(an_index(gone), [gone])
    assert "current" not in releases_text(an_index(), [])
