"""`aigf card lint` holds the cards of a project against their templates and its policy."""

import json

from aigf_dvc.actions.card_lint import lint_files, lint_project
from tests.playground import Playground

FILLED = """\
  intended_use: tests
  out_of_scope: people
  limitations: few rows
---
# A scorer
"""


def fill(playground: Playground, card: str = "MODEL_CARD.md") -> None:
    """Bring the playground's card in order."""
    titles = ("Model details", "Uses", "Out-of-scope use", "Training data", "Evaluation", "Bias")
    body = "".join(f"\n## {title}\n\nWords.\n" for title in titles)
    text = playground.read("MODEL_CARD.md").replace("---\n# A scorer\n", FILLED)
    playground.write(card, text + body)


def test_the_cards_of_all_models_are_looked_at_and_every_gap_is_told(
    playground: Playground,
) -> None:
    (card,) = lint_project(playground.project)
    assert card.path == "MODEL_CARD.md"
    found = [problem.found for problem in card.problems]
    assert "intended_use is missing" in found
    assert "the section `Evaluation` is missing" in found
    fill(playground)
    assert lint_project(playground.project)[0].problems == ()


def test_a_readme_can_be_the_card(playground: Playground) -> None:
    fill(playground, "README.md")
    playground.replace("aigf.yaml", "MODEL_CARD.md", "README.md")
    (card,) = lint_project(playground.project)
    assert (card.path, card.problems) == ("README.md", ())
    assert playground.aigf("check").returncode == 0
    assert playground.aigf("card", "fill").stdout == "README.md: filled in\n"
    assert playground.aigf("card", "lint").returncode == 0


def test_a_missing_card_is_a_problem_with_the_way_to_get_one(playground: Playground) -> None:
    (playground.root / "MODEL_CARD.md").unlink()
    outcome = playground.aigf("card", "lint")
    assert outcome.returncode == 1
    assert "aigf card new --output MODEL_CARD.md" in outcome.stdout


def test_the_policy_of_the_project_adds_fields_by_tier(playground: Playground) -> None:
    fill(playground)
    playground.write(
        "governance/policy.yaml",
        "schema: https://aigf-dvc.readthedocs.io/policy/v1\nid: p\nversion: '1'\n"
        "tiers: [low, high]\nrules:\n"
        "  - {id: a, kind: required-fields, fields: [contact]}\n"
        "  - {id: b, kind: required-fields, fields: [board], tier: high}\n",
    )

    def found() -> list[str]:
        return [problem.found for problem in lint_project(playground.project)[0].problems]

    assert found() == ["contact is missing", "board is missing"]
    playground.replace("MODEL_CARD.md", "  intended_use", "  risk_tier: low\n  intended_use")
    assert found() == ["contact is missing"]
    playground.replace("MODEL_CARD.md", "risk_tier: low", "risk_tier: lwo")
    assert found() == ["contact is missing", "board is missing", "risk_tier is 'lwo'"]


def test_the_command_tells_places_and_exits_with_one(playground: Playground) -> None:
    fill(playground)
    assert playground.aigf("card", "lint").returncode == 0
    playground.replace("MODEL_CARD.md", "few rows", "TODO")
    outcome = playground.aigf("card", "lint", "MODEL_CARD.md")
    assert outcome.returncode == 1
    assert outcome.stdout.startswith('MODEL_CARD.md:10: limitations is the placeholder "TODO"')
    listed = json.loads(playground.aigf("card", "lint", "--format", "json").stdout)
    assert [problem["line"] for problem in listed["cards"][0]["problems"]] == [10]


def test_a_file_that_is_not_there_is_the_callers_mistake(playground: Playground) -> None:
    outcome = playground.aigf("card", "lint", "nowhere.md")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "nowhere.md: no such file" in outcome.stderr


def test_an_invalid_policy_is_told_rather_than_left_out(playground: Playground) -> None:
    playground.write("governance/policy.yaml", "rules: [\n")
    assert playground.aigf("card", "lint", "MODEL_CARD.md").returncode == 2


def test_a_card_outside_of_any_project_is_held_against_its_template(playground: Playground) -> None:
    path = playground.root.parent / "card.md"
    path.write_text("---\na: b\n---\n")
    (card,) = lint_files((path,), project=None)
    assert f"{path}: the section `Evaluation` is missing" in [
        f"{problem.where}: {problem.found}" for problem in card.problems
    ]
    outside = playground.aigf("card", "lint", "card.md", folder="..")
    assert (outside.returncode, outside.stderr) == (1, "")
