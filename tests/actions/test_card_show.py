"""`aigf card show` prints the fields, the sections and what is open."""

import json

from aigf_dvc.actions.card_show import show_cards
from aigf_dvc.report.card_view import card_view_text
from tests.playground import Playground


def test_fields_sections_and_open_points_are_shown(playground: Playground) -> None:
    playground.write("MODEL_CARD.md", playground.read("MODEL_CARD.md") + "## Uses\n\nTests.\n")
    (view,) = show_cards(playground.project)
    text = card_view_text(view)
    assert "responsible_owner         jane.doe@example.com  (MODEL_CARD.md:7)" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "Intended use filled in (MODEL_CARD.md:10)" in lines
    assert "Evaluation is missing" in lines
    assert "Human oversight left out, which is allowed" in lines
    assert lines[-1].startswith("8 problems: `aigf card lint MODEL_CARD.md`")


def test_secrets_and_hidden_characters_are_not_shown(playground: Playground) -> None:
    token = "ghp_" + "0123456789" * 3 + "012345"
    playground.replace("MODEL_CARD.md", "a table of three rows", f"from {token}")
    playground.write(
        "MODEL_CARD.md", playground.read("MODEL_CARD.md") + f"## {token}\n\u202e TODO {token}\n"
    )
    for form in ("text", "json"):
        outcome = playground.aigf("card", "show", "MODEL_CARD.md", "--format", form)
        assert outcome.returncode == 0
        assert token not in outcome.stdout
        assert "\u202e" not in outcome.stdout


def test_json_has_fields_sections_and_problems(playground: Playground) -> None:
    (card,) = json.loads(playground.aigf("card", "show", "--format", "json").stdout)
    assert card["fields"]["model_card_version"] == {"value": "1.0", "where": "MODEL_CARD.md:6"}
    assert card["sections"][0] == {
        "title": "Model details", "line": None, "filledIn": False, "problem": "is missing",
        "askedFor": True, "optional": False,
    }  # fmt: skip
    assert len(card["problems"]) == 9


def test_a_document_is_shown_by_its_own_template(playground: Playground) -> None:
    outcome = playground.aigf("card", "show", "governance/documents/risk.md")
    assert "What is assessed" in outcome.stdout
    assert playground.aigf("card", "show", "dvc.lock").returncode in (0, 2)
    assert playground.aigf("card", "show", "nowhere.md").returncode == 2
