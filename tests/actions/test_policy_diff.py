"""What a change of a policy lets pass: between files, commits and the working tree."""

import json
from pathlib import Path

import pytest

from aigf_dvc.actions.policy_sources import policy_of_text
from aigf_dvc.errors import InputError
from aigf_dvc.policy.strictness.policies import policy_difference
from aigf_dvc.report.policy_difference import (
    policy_difference_as_json,
    policy_difference_markdown,
    policy_difference_text,
    summary,
)
from tests.playground import Playground
from tests.policy.builders import a_policy

POLICY = "governance/policy.yaml"
FAIR = "{id: fair, kind: metric, metric: f, min: 0.8}"


def test_a_weaker_policy_of_the_working_tree_ends_with_one(playground: Playground) -> None:
    assert playground.aigf("policy", "diff", "--rev", "HEAD", "WORKTREE").returncode == 0
    playground.replace(POLICY, "min: 0.8", "min: 0.7")
    weaker = playground.aigf("policy", "diff", "--rev", "HEAD", "WORKTREE")
    assert weaker.returncode == 1
    assert "✘ weakens   min: 0.8 -> 0.7: the lower limit is lower" in weaker.stdout
    line = playground.read(POLICY).split("min: 0.7")[0].count("\n") + 1
    assert f"HEAD:{POLICY}:{line} -> {POLICY}:{line}" in weaker.stdout
    stricter = playground.aigf("policy", "diff", "--rev", "WORKTREE", "HEAD")
    assert stricter.returncode == 0
    assert "Nothing is weakened: 1 tightening." in stricter.stdout


def test_a_file_of_a_commit_and_a_file_here_can_be_compared(playground: Playground) -> None:
    playground.replace(POLICY, "max: 500", "max: 600")
    outcome = playground.aigf("policy", "diff", f"HEAD:{POLICY}", POLICY, "--format", "json")
    assert outcome.returncode == 1
    found = json.loads(outcome.stdout)
    assert found["safe"] is False
    (change,) = found["changes"]
    assert (change["rule"], change["key"], change["direction"]) == ("latency", "max", "weakens")
    below = playground.aigf("policy", "diff", f"HEAD:{POLICY}", "policy.yaml", folder="governance")
    assert below.returncode == 1


@pytest.mark.parametrize("text", ["nothing.yaml", "HEAD:nothing.yaml", "nowhere:a.yaml", "HEAD:"])
def test_what_is_no_policy_is_the_callers_mistake(playground: Playground, text: str) -> None:
    outcome = playground.aigf("policy", "diff", text, POLICY)
    assert outcome.returncode == 2
    assert text.partition(":")[0] in outcome.stderr


def test_an_invalid_policy_ends_with_two(playground: Playground, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("rules: no\n")
    assert playground.aigf("policy", "diff", POLICY, str(tmp_path / "p.yaml")).returncode == 2


def test_a_file_outside_any_repository_can_be_compared(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("required_metadata: [a]\n")
    assert policy_of_text(str(tmp_path / "a.yaml"), tmp_path).id == "seed"
    with pytest.raises(InputError):
        policy_of_text(str(tmp_path / "b.yaml"), tmp_path)


def test_hidden_characters_of_a_policy_do_not_reach_the_terminal_or_a_page() -> None:
    old, new = a_policy(FAIR), a_policy(FAIR, '{id: x, kind: document, document: "a\\u202eb|<i>"}')
    for first, second in ((old, new), (new, old)):
        difference = policy_difference(first, second)
        assert "\u202e" not in policy_difference_text(difference, color=False)
        assert "<i>" not in policy_difference_markdown(difference)
    changed = a_policy(FAIR, '{id: x, kind: document, document: "b|<i>"}')
    page = policy_difference_markdown(policy_difference(new, changed))
    assert "b\\|\\<i\\>" in page
    assert "\\\\u202e" in page


def test_every_form_counts_the_same_changes() -> None:
    difference = policy_difference(
        a_policy(FAIR), a_policy("{id: fair, kind: metric, metric: f, min: 0.7, max: 1, why: w}")
    )
    assert summary(difference) == (
        "The new policy may be weaker: 1 weakening, 1 tightening, 1 neutral."
    )
    document = policy_difference_as_json(difference)
    assert isinstance(document, dict)
    changes = document["changes"]
    assert isinstance(changes, list)
    assert len(changes) == 3
    assert policy_difference_markdown(difference).count("\n| ") == 4
    assert "\x1b[31m✘ weakens" in policy_difference_text(difference, color=True)
    same = policy_difference(a_policy(FAIR), a_policy(FAIR))
    assert summary(same) == "The two policies demand the same, in the same words."
