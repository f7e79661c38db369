import pytest

from aigf_dvc.evidence.card_template import CardTemplate, WantedSection
from aigf_dvc.evidence.section_states import section_problems, section_states

TEMPLATE = CardTemplate(
    type="thing",
    fields=(),
    sections=(
        WantedSection(
            title="Evaluation", is_optional=False, lines=frozenset({"| a | b |", "|---|---|"})
        ),
        WantedSection(title="Oversight", is_optional=True, lines=frozenset()),
    ),
)


def told(text: str) -> list[str]:
    problems = section_problems(text.encode(), path="card.md", template=TEMPLATE)
    return [f"{problem.where} {problem.found}" for problem in problems]


@pytest.mark.parametrize(
    "text",
    ["All groups.", "- a\n- b", "| a | b |\n|---|---|\n| 1 | 2 |", "### Part\nwords", "```\nx\n```",
     "> quoted", "Owner: Jane", "Todo el conjunto", "words <!-- TODO: more -->"]
)  # fmt: skip
def test_a_section_with_words_is_filled_in(text: str) -> None:
    assert told(f"## Evaluation\n\n{text}\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "card.md:1 the section `Evaluation` is empty"),
        ("<!-- what\n## belongs here -->", "card.md:1 the section `Evaluation` is empty"),
        ("---\n\n***", "card.md:1 the section `Evaluation` is empty"),
        ("None.", 'card.md:1 the section `Evaluation` is only "None."'),
        ("| a | b |\n|---|---|", "card.md:1 the section `Evaluation` still says what the template"),
        ("words\n\n- TODO: more", 'card.md:5 the section `Evaluation` is the placeholder "TODO'),
        ("| 1 | TBD |", 'card.md:3 the section `Evaluation` is the placeholder "TBD"'),
        ("- **Owner:** TODO", 'card.md:3 the section `Evaluation` is the placeholder "TODO"'),
        ("1. [ ] FIXME", 'card.md:3 the section `Evaluation` is the placeholder "FIXME"'),
        ("[More Information Needed]", "card.md:3 the section `Evaluation` is the placeholder"),
        ("### Part\n<!-- x -->", "card.md:1 the section `Evaluation` is empty"),
    ],
)
def test_a_section_without_words_of_the_author_is_told(text: str, said: str) -> None:
    (found,) = [line for line in told(f"## Evaluation\n\n{text}\n") if "`Evaluation`" in line]
    assert found.startswith(said)


def test_a_missing_section_is_told_and_one_that_is_optional_is_not() -> None:
    assert told("# A\ntext\n") == ["card.md the section `Evaluation` is missing"]


def test_an_optional_section_may_not_be_left_unfilled() -> None:
    assert told("## Results\nwords\n## Oversight\n<!-- x -->\n") == [
        "card.md:3 the section `Oversight` is empty"
    ]


def test_one_of_several_sections_of_that_name_is_enough() -> None:
    assert told("## Evaluation\n\n## Results\nwords\n") == []


def test_an_own_section_may_stand_empty_but_not_unfinished() -> None:
    assert told("## Evaluation\na\n## Mine\n\n## Other\nTBD\n") == [
        'card.md:6 the section `Other` is the placeholder "TBD"'
    ]


def test_generated_blocks_are_no_words_of_the_author() -> None:
    block = "<!-- aigf:begin metrics -->\n| a | TODO |\n<!-- aigf:end metrics -->\n"
    assert told(f"## Evaluation\n{block}") == ["card.md:1 the section `Evaluation` is empty"]


def test_lines_are_those_of_the_file() -> None:
    assert told("---\na: b\n---\n## Evaluation\nTODO\n")[0].startswith("card.md:5 ")


def test_a_comment_without_an_end_is_told_for_it_hides_all_below() -> None:
    assert told("## Evaluation\na\n<!-- b\n## C\n")[-1].startswith("card.md:3 a comment without")


def test_states_name_what_is_there_and_what_is_asked_for() -> None:
    states = section_states(b"## Metrics\n0.9\n## Mine\n", path="card.md", template=TEMPLATE)
    assert [(s.title, s.line, s.problem, s.is_asked_for) for s in states] == [
        ("Evaluation", 1, "", True), ("Oversight", 0, "is missing", True),
        ("Mine", 3, "is empty", False),
    ]  # fmt: skip
