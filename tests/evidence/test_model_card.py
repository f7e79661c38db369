import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_card import ModelCard, read_front_matter, read_model_card

MARKDOWN = b"""---
license: mit
version: 1.10
governance:
  responsible_owner: jane@example.com
  data: {source: HMDA}
---
# Mortgage

---
not: front matter
---
"""


def card(data: bytes = MARKDOWN, path: str = "MODEL_CARD.md") -> ModelCard:
    return read_model_card(data, path=path)


def value(name: str, data: bytes = MARKDOWN, path: str = "MODEL_CARD.md") -> object:
    field = card(data, path).field(name)
    return None if field is None else field.value


def test_a_card_keeps_the_digest_of_its_bytes() -> None:
    assert card().sha256 == sha256(MARKDOWN)
    assert card().path == "MODEL_CARD.md"


def test_a_field_is_found_under_governance_or_at_the_top_with_its_line() -> None:
    owner, license_ = card().field("responsible_owner"), card().field("license")
    assert owner is not None
    assert (owner.value, owner.where) == ("jane@example.com", "MODEL_CARD.md:5")
    assert license_ is not None
    assert (license_.value, license_.where) == ("mit", "MODEL_CARD.md:2")


def test_a_nested_field_is_named_with_dots() -> None:
    assert value("data.source") == "HMDA"
    assert value("data.source.url") is None
    assert value("data.none") is None


def test_governance_wins_over_the_top_level() -> None:
    assert value("a", b"a: 1\ngovernance: {a: 2}\n", "card.yaml") == 2
    assert value("a", b"a: 1\ngovernance: {a: null}\n", "card.yaml") == 1


def test_an_absent_or_null_field_is_none() -> None:
    assert value("absent") is None
    assert value("a", b"a: null\n", "card.yaml") is None


def test_a_missing_field_belongs_into_the_governance_block() -> None:
    assert card().place_for("model_card_version") == "MODEL_CARD.md:4"
    assert card(b"a: 1", "card.yaml").place_for("b") == "card.yaml"


@pytest.mark.parametrize(
    "data",
    [
        MARKDOWN.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + MARKDOWN,
        b"\n\n" + MARKDOWN,
        b"---\ngovernance: {responsible_owner: jane@example.com}\n---",
        b"---\ngovernance: {responsible_owner: jane@example.com}\n--- \t\n",
    ],
    ids=["CRLF", "BOM", "blank lines before", "no newline at the end", "spaces after the marks"],
)  # fmt: skip
def test_front_matter_is_found_as_hugging_face_finds_it(data: bytes) -> None:
    assert value("responsible_owner", data) == "jane@example.com"


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    owner = card(b"\n\n" + MARKDOWN).field("responsible_owner")
    assert owner is not None
    assert owner.where == "MODEL_CARD.md:7"
    with pytest.raises(InputError, match=r"^MODEL_CARD\.md:3: the key 'a' for the second time"):
        card(b"---\na: 1\na: 2\n---\n")


def test_yaml_and_json_cards_are_read_throughout() -> None:
    assert value("a", b"a: x\n", "card.yaml") == "x"
    assert value("a", b'{"governance": {"a": "x"}}', "card.json") == "x"


@pytest.mark.parametrize(
    "data",
    [b"", b"# Only text\n", b"---\na: 1\n", b"text\n---\na: 1\n---\n", b"----\na: 1\n----\n"],
    ids=["empty", "no marks", "no second mark", "text before", "four dashes"],
)
def test_markdown_without_front_matter_is_refused_with_what_is_expected(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        card(data)
    assert str(caught.value).startswith(
        "MODEL_CARD.md:1: no YAML front matter (expected a line `---`"
    )


@pytest.mark.parametrize(
    ("data", "path"),
    [(b"---\n- a\n---\n", "a.md"), (b"a text", "a.yaml"), (b"", "a.yaml"), (b"[1]", "a.json")],
)
def test_a_card_that_is_no_mapping_is_refused(data: bytes, path: str) -> None:
    with pytest.raises(InputError, match="no fields"):
        card(data, path)


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        read_front_matter(b"---\na: \xff\n---\n", path="MODEL_CARD.md")
