import pytest
from msgspec.structs import replace

from aigf_dvc.policy.verdict import Outcome, Strength
from aigf_dvc.report.coverage_text import coverage_text
from aigf_dvc.report.visible import cells
from tests.policy.test_coverage import a_finding, covered


def the_text(*, width: int = 80, color: bool = False) -> str:
    coverage = covered(
        a_finding("fair", Outcome.PASSED, "f:c-10"),
        a_finding("old", Outcome.DENIED, "f:c-9", claim=Strength.PARTIAL),
        a_finding("big", Outcome.PASSED, "f:c-11", kind="license"),
    )
    return coverage_text([coverage], width=width, color=color)


def test_it_says_what_is_evidenced_how_strongly_and_what_is_not_shown() -> None:
    lines = the_text().splitlines()
    assert lines[0].startswith("m: passed at the attest gate under p 1, sha256:")
    at = next(i for i, line in enumerate(lines) if "f:c-10" in line)
    assert lines[at].split() == ["✔", "f:c-10", "evidenced", "direct"]
    assert [line.strip() for line in lines[at + 1 : at + 4]] == [
        "Ten",
        "by fair",
        "not shown: more",
    ]


def test_it_says_what_is_not_evidenced_and_which_rule_denies() -> None:
    text = the_text()
    assert "✘ f:c-9" in text
    assert "by old (denied)" in text
    assert "3 controls: 2 evidenced, 1 not evidenced." in text


def test_it_says_when_a_rule_claims_too_much() -> None:
    assert "by big (claims direct, which counts as exists)" in the_text()


def test_it_lists_what_no_pipeline_can_show() -> None:
    assert "No pipeline can show:\n  f:c-12: people do it" in the_text()


def test_a_policy_without_controls_evidences_nothing() -> None:
    text = coverage_text([covered(a_finding("r", Outcome.PASSED))], width=80, color=False)
    assert "nothing is evidenced" in " ".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits_the_terminal_but_for_its_table(width: int) -> None:
    wide = [line for line in the_text(width=width).splitlines() if cells(line) > width]
    assert all(line.lstrip()[0] in "✔✘~" for line in wide)


def test_colour_is_only_added_when_asked_for() -> None:
    assert "\x1b" not in the_text()
    assert "\x1b[32m✔\x1b[0m" in the_text(color=True)


def test_what_others_wrote_cannot_steer_the_terminal() -> None:
    coverage = covered(a_finding("r\x1b[2J", Outcome.PASSED, "f:c-10"))
    hostile = replace(coverage, verdict=replace(coverage.verdict, model="m\u202e"))
    text = coverage_text([hostile], width=80, color=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
