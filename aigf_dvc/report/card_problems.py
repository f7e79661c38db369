"""What is wrong in cards, as text for people and as JSON; what cards hold is shown harmless."""

from collections.abc import Iterable, Iterator

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.redaction import redact_text
from aigf_dvc.report.visible import visible


def problems_text(cards: Iterable[tuple[str, tuple[CardProblem, ...]]]) -> str:
    """Return every problem with its remedy, and a summary of one line."""
    found = list(cards)
    count = sum(len(problems) for _, problems in found)
    lines = [line for _, problems in found for problem in problems for line in _lines(problem)]
    many = "card" if len(found) == 1 else "cards"
    noun = "problem" if count == 1 else "problems"
    return "\n".join([*lines, f"{len(found)} {many}: {f'{count} {noun}' if count else 'in order'}"])


def problem_as_json(problem: CardProblem) -> Json:
    """Return one problem."""
    return {
        "where": problem.where,
        "line": problem.line or None,
        "found": redact_text(problem.found),
        "expected": problem.expected,
        "remedy": redact_text(problem.remedy),
    }


def _lines(problem: CardProblem) -> Iterator[str]:
    wanted = f" (expected {problem.expected})" if problem.expected else ""
    yield visible(f"{problem.where}: {redact_text(problem.found)}{wanted}")
    if problem.remedy:
        yield f"  fix: {visible(redact_text(problem.remedy))}"
