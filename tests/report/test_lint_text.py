import re

from aigf_dvc.policy.lint.model import Level, Remark
from aigf_dvc.report.lint_text import lint_as_json, lint_text

REMARKS = (
    Remark(
        level=Level.ERROR, check="contradiction", found="max 0.7 is below\x1b[2J min 0.8",
        where="p.yaml:4:7", remedy="correct one of the two rules", rule="low",
        order=("p.yaml", 4, 7),
    ),
    Remark(
        level=Level.INFO, check="no-why", found="a, b", where="p.yaml:5:1", remedy="add it",
        order=("p.yaml", 5, 1),
    ),
)  # fmt: skip
TEXT = """\
p.yaml:4:7: error: low: max 0.7 is below\\u001b[2J min 0.8 [contradiction]
    to do: correct one of the
           two rules
p.yaml:5:1: info: a, b [no-why]
    to do: add it
p.yaml: 1 error, 1 info"""


def test_a_remark_is_a_line_that_editors_understand_and_what_to_do() -> None:
    assert lint_text("p.yaml", REMARKS, color=False, width=30) == TEXT


def test_colours_add_nothing_but_colours() -> None:
    painted = lint_text("p.yaml", REMARKS, color=True, width=30)
    assert "\x1b[31merror\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9]+m", "", painted) == TEXT


def test_a_clean_policy_is_said_to_be_one() -> None:
    assert lint_text("p.yaml", (), color=False, width=80) == "p.yaml: nothing to remark"


def test_machines_get_the_place_in_parts() -> None:
    found = lint_as_json("p.yaml", REMARKS[:1], compared=True)
    assert found == {
        "policy": "p.yaml",
        "compared": True,
        "remarks": [
            {
                "level": "error",
                "check": "contradiction",
                "rule": "low",
                "found": "max 0.7 is below\x1b[2J min 0.8",
                "where": "p.yaml:4:7",
                "file": "p.yaml",
                "line": 4,
                "column": 7,
                "remedy": "correct one of the two rules",
            }
        ],
    }
