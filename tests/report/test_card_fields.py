"""A card read field by field: ours before the front matter's, placeholders never."""

from aigf_dvc.report.card_fields import CardFields


def test_our_block_comes_first_then_the_front_matter() -> None:
    card = CardFields({"owner": "outside", "who": "them", "governance": {"owner": "inside"}})
    assert card.text("owner") == "inside"
    assert card.text("who") == "them"
    assert card.text("absent") == ""


def test_one_text_is_a_list_of_one() -> None:
    card = CardFields({"a": "x", "b": ["x", 1], "c": {"d": 1}})
    assert card.texts("a") == ("x",)
    assert card.texts("b") == ("x", "1")
    assert card.texts("c") == ('{"d":1}',)
    assert card.texts("absent") == ()


def test_a_placeholder_says_nothing() -> None:
    card = CardFields({"a": "TODO", "b": "", "c": "none", "governance": {"a": "TBD"}})
    assert (card.text("a"), card.text("b"), card.text("c")) == ("", "", "")
    assert card.rest() == ()


def test_the_rest_is_what_nobody_asked_for() -> None:
    card = CardFields({"a": 1, "b": 2, "governance": {"a": 3, "c": 4}})
    assert card.text("a") == "3"
    assert card.rest() == (("a", "1"), ("b", "2"), ("governance.c", "4"))


def test_a_governance_block_of_another_form_holds_no_fields() -> None:
    assert CardFields({"governance": ["a"], "b": "x"}).rest() == (("b", "x"),)
