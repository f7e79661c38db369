"""A datasets rule knows every data set by its place, its bytes and its card, or denies it."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.data_card import DataCard
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Verdict
from tests.policy.builders import TODAY, a_policy, an_evidence, denied, judged

RAW, EVIL = sha256(b"raw"), sha256(b"evil")
URI = "s3://corp/train/raw.csv"


def a_dataset(**changes: object) -> Dataset:
    base = Dataset(name="data/raw.csv", sha256=RAW, uris=(URI,))
    return replace(base, **changes)  # the fields of a Dataset


def a_data_card(**changes: object) -> DataCard:
    base = DataCard(path="cards/raw.md", datasets=("data/raw.csv",))
    return replace(base, **changes)  # the fields of a DataCard


def judge(settings: str, *data: Dataset, at: Gate = Gate.ATTEST, today: date = TODAY) -> Verdict:
    rule = f"{{id: d, kind: datasets, {settings}}}"
    return judged(rule, replace(an_evidence(), datasets=data), at=at, today=today)


def passes(settings: str, *data: Dataset) -> bool:
    return judge(settings, *data).result is Result.PASSED


def said(settings: str, *data: Dataset) -> str:
    return " | ".join(finding.observed for finding in denied(judge(settings, *data)))


@pytest.mark.parametrize("at", Gate)
def test_no_data_set_at_all_is_denied(at: Gate) -> None:
    assert denied(judge("deny: [x]", at=at))[0].observed.startswith("no data set")


def test_every_data_set_must_be_from_an_allowed_place() -> None:
    other = a_dataset(name="data/b.csv", uris=("s3://elsewhere/b.csv",))
    assert passes("allow: ['s3://corp/**']", a_dataset())
    assert said("allow: ['s3://corp/**']", a_dataset(), other) == (
        "data/b.csv, from s3://elsewhere/b.csv, is not on the list"
    )


def test_the_path_does_not_count_where_an_origin_is_on_record() -> None:
    assert passes("allow: ['data/**']", a_dataset(uris=()))
    assert not passes("allow: ['data/**']", a_dataset())


def test_a_denied_place_wins_by_path_or_origin() -> None:
    for pattern in ("s3://corp/train/**", "data/*.csv"):
        finding = denied(judge(f"allow: ['s3://corp/**'], deny: ['{pattern}']", a_dataset()))[0]
        assert f"matches the denied {pattern}" in finding.observed
        assert finding.where == "data/raw.csv"


def test_a_hidden_way_out_of_an_allowed_place_is_denied_with_its_reason() -> None:
    odd = a_dataset(uris=("s3://corp/train/../../other/x.csv",))
    assert "`..`" in said("allow: ['s3://corp/train/**']", odd)


def test_bytes_are_known_by_their_digest() -> None:
    assert passes(f"allow_digests: ['sha256:{RAW}']", a_dataset())
    assert passes(f"deny_digests: ['sha256:{EVIL}']", a_dataset())
    assert f"sha256:{RAW}, which is not on the list" in said(
        f"allow_digests: ['sha256:{EVIL}']", a_dataset()
    )
    assert said(f"deny_digests: ['sha256:{RAW}']", a_dataset()) == (
        f"data/raw.csv has the denied digest sha256:{RAW}"
    )


@pytest.mark.parametrize("key", ["allow_digests", "deny_digests"])
def test_bytes_that_were_never_seen_match_no_list(key: str) -> None:
    finding = denied(judge(f"{key}: ['sha256:{EVIL}']", a_dataset(sha256=None)))[0]
    assert "never seen" in finding.observed
    assert "aigf capture" in finding.remedy


def test_a_denied_file_is_found_inside_a_folder() -> None:
    folder = a_dataset(is_directory=True, files=(("a.png", RAW), ("b/x.png", EVIL)))
    assert said(f"deny_digests: ['sha256:{EVIL}']", folder) == (
        f"data/raw.csv/b/x.png has the denied digest sha256:{EVIL}"
    )
    assert passes(f"deny_digests: ['sha256:{sha256(b'other')}']", folder)


def test_a_folder_whose_files_are_not_known_is_put_off_and_then_denied() -> None:
    folder, rule = a_dataset(is_directory=True), f"deny_digests: ['sha256:{EVIL}']"
    early = judge(rule, folder, at=Gate.PUSH).findings[0]
    assert early.outcome is Outcome.DEFERRED
    late = judge(rule, folder, at=Gate.DEPLOY).findings[0]
    assert late.outcome is Outcome.DENIED
    assert "dvc pull" in late.remedy
    assert judge("deny: [x]", folder, at=Gate.DEPLOY).result is Result.PASSED


def test_a_data_card_must_speak_of_every_data_set() -> None:
    assert passes("data_card: true", a_dataset(cards=(a_data_card(),)))
    assert said("data_card: true", a_dataset()) == "no data card speaks of data/raw.csv"


def test_a_bound_card_must_name_these_bytes() -> None:
    bound = a_data_card(digests=(EVIL,))
    assert "names other bytes" in said("data_card: true", a_dataset(cards=(bound,)))
    assert "is not known" in said("data_card: true", a_dataset(cards=(bound,), sha256=None))
    assert passes("data_card: true", a_dataset(cards=(a_data_card(digests=(EVIL, RAW)),)))


def test_every_card_of_a_data_set_must_name_an_allowed_licence() -> None:
    mit, gpl = a_data_card(licenses=("MIT",)), a_data_card(licenses=("gpl-3.0",))
    assert passes("licenses: [mit]", a_dataset(cards=(mit,)))
    assert "is gpl-3.0" in said("licenses: [mit]", a_dataset(cards=(mit, gpl)))
    assert "names no licence" in said("licenses: [mit]", a_dataset(cards=(a_data_card(),)))
    assert "no data card" in said("licenses: [mit]", a_dataset())


def test_consent_and_retention_hold_to_their_last_day() -> None:
    for key in ("consent_expires", "retention_until"):
        last = a_dataset(cards=(a_data_card(**{key: TODAY}),))
        assert passes("not_expired: true", last)
        later = judge("not_expired: true", last, today=TODAY + timedelta(days=1))
        assert denied(later)[0].observed == f"{key} of data/raw.csv was {TODAY}"
    both = a_data_card(consent_expires=date(2020, 1, 1), retention_until=date(2099, 1, 1))
    assert "consent_expires" in said("not_expired: true", a_dataset(cards=(both,)))
    assert "neither" in said("not_expired: true", a_dataset(cards=(a_data_card(),)))


def test_a_card_that_is_not_at_hand_leaves_it_undecided() -> None:
    absent = a_dataset(cards=(DataCard(path="cards/raw.md", at_hand=False),))
    with pytest.raises(UndecidedError, match="not at hand"):
        judge("data_card: true", absent)
    assert passes("deny: [x]", absent)


def test_data_in_evidence_that_is_not_at_hand_is_undecided() -> None:
    folder = a_dataset(is_directory=True)
    for settings, data in (("deny: [x]", ()), (f"deny_digests: ['sha256:{EVIL}']", (folder,))):
        evidence = replace(an_evidence(), datasets=data, absent=("lineage-manifest.json",))
        with pytest.raises(UndecidedError, match=r"lineage-manifest\.json"):
            judged(f"{{id: d, kind: datasets, {settings}}}", evidence)


def test_many_faults_are_counted() -> None:
    data = [a_dataset(name=f"data/{n}.csv", uris=()) for n in range(30)]
    findings = denied(judge("allow: [x]", *data))
    assert len(findings) == 21
    assert findings[-1].observed == "10 more faults like these"


@pytest.mark.parametrize(
    "settings",
    [
        "title: nothing", "allow: []", "allow: 'x'", "allow: ['a**b']", "allow: ['s3://a/../b']",
        "deny_digests: ['abc']", f"allow_digests: ['{RAW}']", "data_card: 1", "licences: [mit]",
        "data_card: false",
    ],
)  # fmt: skip
def test_a_rule_of_another_form_is_refused(settings: str) -> None:
    with pytest.raises(InputError):
        a_policy(f"{{id: d, kind: datasets, {settings}}}")
