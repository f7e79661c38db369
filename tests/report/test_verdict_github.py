"""Annotations are read back as GitHub's runner reads them: hostile text starts no command."""

from dataclasses import dataclass

import pytest

from aigf_dvc.report.places import Root
from aigf_dvc.report.verdict_github import verdict_github
from aigf_dvc.report.visible import visible
from tests.report.hostile import HOSTILE
from tests.report.verdict_builders import a_report, hostile_report, one_of_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    name: str
    properties: dict[str, str]
    message: str


def read_back(text: str) -> tuple[list[Command], list[str]]:
    """Return the commands and the other lines.

    See: ActionCommand.TryParseV2 of https://github.com/actions/runner
    """
    commands, others = [], []
    for line in text.split("\n"):
        told = line.lstrip()
        if not told.startswith("::") or "::" not in told[2:]:
            others.append(line)
            continue
        head, _, message = told[2:].partition("::")
        name, _, rest = head.partition(" ")
        pairs = [pair.split("=", 1) for pair in rest.split(",") if pair]
        properties = {key.strip(): unescaped(value, ":,") for key, value in pairs}
        commands.append(Command(name=name, properties=properties, message=unescaped(message, "")))
    return commands, others


def unescaped(text: str, more: str) -> str:
    for character in "\r\n" + more:
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


def test_what_denies_is_an_error_at_its_line() -> None:
    commands, _ = read_back(verdict_github(one_of_each(), root=Root(folder="sub")))
    first, second = commands[:2]
    assert first.name == second.name == "error"
    assert first.properties == {
        "file": "sub/governance/policy.yaml",
        "line": "12",
        "title": "fraud denied by rule-denied: Every group gets its share",
    }
    assert first.message.split("\n")[:3] == [
        "found: fairness_score is 0.75",
        "expected: at least 0.8",
        "where: metrics.json:fairness_score",
    ]
    assert second.properties["file"] == "sub/MODEL_CARD.md"
    assert second.properties["line"] == "4"


def test_errors_come_before_warnings_and_what_passed_says_nothing() -> None:
    commands, _ = read_back(verdict_github(one_of_each(), root=Root()))
    assert [c.name for c in commands] == [
        *("error", "error", "warning", "warning", "notice"),  # fraud
        *("error", "notice"),  # churn is undecided
        "notice",  # scorer
    ]
    assert commands[3].message.count("waived: Dana Risk (risk-owner)") == 1


def test_a_column_is_told_where_it_is_known() -> None:
    text = verdict_github(hostile_report(["plain"]), root=Root())
    assert "col=" not in text
    model = one_of_each().models[0]
    text = verdict_github(a_report(model), root=Root())
    assert "col=" not in text.split("\n")[1]  # the card's line has none


def test_nothing_judged_is_an_error() -> None:
    commands, others = read_back(verdict_github(a_report(), root=Root()))
    assert [c.name for c in commands] == ["error"]
    assert others[0].startswith("aigf: no model was judged")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_as_text(text: str) -> None:
    tame, _ = read_back(verdict_github(hostile_report(["tame"]), root=Root()))
    commands, others = read_back(verdict_github(hostile_report([text]), root=Root()))
    assert [c.name for c in commands] == [c.name for c in tame]
    assert [set(c.properties) for c in commands] == [set(c.properties) for c in tame]
    assert len(others) == 2
    assert others[0].startswith("aigf: 1 model: ")
    shown = visible(text)
    for command in commands:
        assert shown in command.properties["title"] or command.name == "notice"
        assert shown in command.message
    whole = verdict_github(hostile_report([text]), root=Root())
    assert all(c.isprintable() or c == "\n" for c in whole)
