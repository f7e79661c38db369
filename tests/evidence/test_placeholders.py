from pathlib import Path

import pytest

from aigf_dvc.evidence.placeholders import why_empty
from tests.limits import run_limited

EMPTY: list[object] = [None, "", "   ", "\n\t", [], {}, [None, ""], {"a": None, "b": []}, [[], {}]]
PLACEHOLDERS = [
    "TODO", "todo", "Todo: write this", "TODO write this", "(TBD)", "tbd.", "TBD by legal", "TBA",
    "FIXME", "fixme: ask", "xxx", "XXXX", "N/A", "n/a", "NA", "none", "None.", "unknown", "Unknown",
    "null", "not applicable", "...", "…", "-", "--", "?", "<your name>", "<...>", "`<owner>`",
    "{{ owner }}", "{{owner}} at {{team}}", "[More Information Needed]",
    "See [more information needed] below", "to be done", "To be determined", "to be filled in",
    "fill in the owner", "Fill me in", "[TODO]", "placeholder", "changeme", "Lorem ipsum dolor",
    ["TODO"], ["Jane", "TBD"], {"name": "Jane", "team": "{{ team }}"}, ["none", "n/a"], "\u200b",
]  # fmt: skip
ANSWERS = [
    "jane.doe@example.com", "<jane@example.com>", "<https://bank.example/owner>", 1, 0, 1.0, False,
    "Todo el conjunto de datos de 1990", "No mitigation was needed: see the analysis",
    "None of the features is a proxy of race", "Unknown applicants were removed", "xxl-team",
    ["Jane", None], {"name": "Jane", "gpu": "n/a"}, "a < b and c > d", "日本語のデータ",
    "Tobias", "nano-labs", "Filled by the data team", "The TODO list of 2019", "v1",
]  # fmt: skip


@pytest.mark.parametrize("value", EMPTY, ids=repr)
def test_an_empty_value_says_nothing(value: object) -> None:
    assert why_empty(value) == "is empty"


@pytest.mark.parametrize("value", PLACEHOLDERS, ids=ascii)
def test_a_placeholder_says_nothing(value: object) -> None:
    assert why_empty(value).startswith(("is the placeholder", "is only"))


@pytest.mark.parametrize("value", ANSWERS, ids=ascii)
def test_an_answer_is_no_placeholder(value: object) -> None:
    assert why_empty(value) == ""


def test_many_openings_of_a_template_without_an_end_cost_no_time(tmp_path: Path) -> None:
    assert run_limited(lambda: why_empty("{{ x " * 50_000), tmp_path / "said") == ""
