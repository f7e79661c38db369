"""What came from elsewhere is named with what identifies it there."""

import pytest

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.pipeline import Import
from aigf_dvc.evidence.upstream import base_models, imported, upstream_as_json

COMMIT = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
DIGEST = sha256(b"base")


def as_json(fields: object) -> list[object]:
    return list(upstream_as_json(base_models(fields, where="MODEL_CARD.md")))


def test_an_import_is_the_other_repository_at_its_commit() -> None:
    source = Import(path="a.csv", url="https://h.org/r", source="d/a.csv", commit=COMMIT)
    assert imported(source, DIGEST).as_json() == {
        "kind": "import", "name": "a.csv", "uri": "https://h.org/r", "path": "d/a.csv",
        "digest": {"gitCommit": COMMIT, "sha256": DIGEST},
    }  # fmt: skip


def test_an_address_whose_data_was_never_seen_has_no_digest() -> None:
    source = Import(path="a.csv", url="s3://bucket/a.csv")
    assert imported(source, None).as_json() == {
        "kind": "import-url", "name": "a.csv", "uri": "s3://bucket/a.csv",
    }  # fmt: skip


def test_a_base_model_by_its_name_on_the_hub() -> None:
    expected = {"kind": "base-model", "name": "org/m", "uri": "https://huggingface.co/org/m"}
    assert as_json({"base_model": "org/m"}) == [expected]
    assert as_json({"base_model": ["org/m", "org/m", "gpt2"]}) == [
        {"kind": "base-model", "name": "gpt2", "uri": "https://huggingface.co/gpt2"},
        expected,
    ]


def test_a_base_model_by_its_address_revision_and_digest_says_more_than_its_name() -> None:
    entry = {"uri": "org/m", "revision": COMMIT, "digest": f"sha256:{DIGEST}"}
    found = as_json({"base_model": "org/m", "governance": {"base_model": entry}})
    assert found == [
        {
            "kind": "base-model", "name": "org/m", "uri": "https://huggingface.co/org/m",
            "digest": {"gitCommit": COMMIT, "sha256": DIGEST},
        }
    ]  # fmt: skip
    branch = as_json({"governance": {"base_model": {"uri": "s3://b/m", "revision": "v1"}}})
    assert branch == [
        {"kind": "base-model", "name": "s3://b/m", "uri": "s3://b/m", "revision": "v1"}
    ]


def test_credentials_of_an_address_are_left_out() -> None:
    address = "https://u:p" + "@h.org/m"
    assert "u:p" not in str(as_json({"base_model": address}))


@pytest.mark.parametrize("fields", [None, [], {}, {"base_model": None}, {"base_model": "TODO"}])
def test_a_card_without_one_names_none(fields: object) -> None:
    assert as_json(fields) == []


@pytest.mark.parametrize(
    "value",
    [1, "two words", "../m", {"uri": 1}, {"revision": "x"}, {"uri": "m", "colour": "red"},
     {"uri": "m", "digest": "sha256:abc"}, {"uri": "m", "digest": "md5:" + "0" * 64}, [["m"]]],
)  # fmt: skip
def test_an_entry_of_another_form_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(InputError, match=r"^MODEL_CARD\.md: governance\.base_model: "):
        as_json({"governance": {"base_model": value}})


def test_the_list_is_sorted_and_holds_each_once() -> None:
    one = imported(Import(path="b", url="s3://b"), Sha256(DIGEST))
    two = imported(Import(path="a", url="s3://a"), None)
    assert upstream_as_json([one, two, one]) == [two.as_json(), one.as_json()]
