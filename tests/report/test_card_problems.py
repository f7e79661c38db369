from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.report.card_problems import problem_as_json, problems_text

PROBLEM = CardProblem(
    where="card.md:3", found="x is \u202e 'ghp_0123456789012345678901234567890123AB'",
    expected="an answer", remedy="fill in `x:`",
)  # fmt: skip


def test_a_problem_is_told_with_place_expectation_and_remedy_and_no_secret() -> None:
    text = problems_text([("card.md", (PROBLEM,))])
    assert text.splitlines()[0].startswith("card.md:3: x is \\u202e '[redacted:")
    assert "(expected an answer)" in text
    assert text.splitlines()[1:] == ["  fix: fill in `x:`", "1 card: 1 problem"]


def test_nothing_wrong_is_said() -> None:
    assert problems_text([("a.md", ()), ("b.md", ())]) == "2 cards: in order"


def test_json_has_the_line_and_no_secret() -> None:
    found = problem_as_json(PROBLEM)
    assert isinstance(found, dict)
    assert (found["where"], found["line"]) == ("card.md:3", 3)
    assert "ghp_" not in str(found)
