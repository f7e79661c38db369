"""Commits judged under the governance files of their base: real git, no working tree."""

import datetime as dt

import pytest

from aigf_dvc.actions.check import Question
from aigf_dvc.actions.check_base import Between, UnderBase, report_under_base
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.policy.verdict import Gate, Result
from tests.gates.pushing import spoil
from tests.playground import Playground

TODAY = dt.date(2026, 11, 26)
POLICY = "governance/policy.yaml"


def judge(place: Playground, *bases: str, models: tuple[str, ...] = (), first: bool = False,
          head: str = "HEAD") -> UnderBase:  # fmt: skip
    question = Question(project=place.project, at=Gate.PUSH, today=TODAY, models=models)
    return report_under_base(question, Between(bases=bases, heads=(head,), may_be_first=first))


def results(judged: UnderBase) -> list[Result]:
    return [model.verdict.result for model in judged.models]


def test_a_change_cannot_switch_its_own_gate_off(playground: Playground) -> None:
    base = playground.git("rev-parse", "HEAD")
    playground.replace(POLICY, "min: 0.8", "min: 0.0")
    spoil(playground)
    assert results(judge(playground, "HEAD")) == [Result.PASSED]  # by its own policy
    judged = judge(playground, base)
    assert results(judged) == [Result.DENIED]
    assert judged.base == base
    assert judged.change.files == (POLICY,)
    assert judged.change.policies is not None


def test_a_change_can_take_no_model_away(playground: Playground) -> None:
    playground.replace("aigf.yaml", "  scorer:", "  other:")
    spoil(playground)
    judged = judge(playground, "HEAD~1")
    assert [model.verdict.model for model in judged.models] == ["scorer", "other"]
    assert results(judged) == [Result.DENIED, Result.DENIED]


def test_a_model_that_is_asked_for_is_judged_by_both_of_its_definitions(
    playground: Playground,
) -> None:
    playground.write("EASY.md", playground.read("MODEL_CARD.md"))
    playground.replace("aigf.yaml", "card: MODEL_CARD.md", "card: EASY.md")
    playground.replace("MODEL_CARD.md", "  responsible_owner: jane.doe@example.com\n", "")
    playground.commit()
    judged = judge(playground, "HEAD~1", models=("scorer",))
    assert sorted(results(judged)) == [Result.DENIED, Result.PASSED]
    with pytest.raises(InputError, match="no model named 'none'"):
        judge(playground, "HEAD~1", models=("none",))


def test_the_working_tree_does_not_matter(playground: Playground) -> None:
    playground.replace(POLICY, "min: 0.8", "min: 0.99")
    playground.replace("metrics.json", "0.9", "0.1")
    judged = judge(playground, "HEAD")
    assert results(judged) == [Result.PASSED]
    assert judged.change.files == ()


def test_a_base_that_the_clone_lacks_is_no_pass(playground: Playground) -> None:
    with pytest.raises(UndecidedError, match="no commit 'origin/main'") as caught:
        judge(playground, "origin/main")
    assert "git fetch --unshallow" in caught.value.hint
    with pytest.raises(UndecidedError, match="no commit to judge by"):
        judge(playground)
    with pytest.raises(UndecidedError, match="no commit 'gone'"):
        judge(playground, "HEAD", head="gone")
    with pytest.raises(UndecidedError, match="no commit 'origin/main'"):
        judge(playground, "origin/main", first=True)  # there was a base, and it is not here


def test_where_nothing_came_before_a_commit_is_judged_by_its_own_policy(
    playground: Playground,
) -> None:
    spoil(playground)
    judged = judge(playground, first=True)
    assert results(judged) == [Result.DENIED]
    assert judged.base == judged.commit


def test_a_change_that_brings_governance_is_judged_by_its_own(playground: Playground) -> None:
    playground.git("checkout", "--quiet", "--orphan", "before")
    playground.git("rm", "--quiet", "--cached", "-r", ".")
    playground.git("commit", "--quiet", "--allow-empty", "-m", "nothing yet")
    judged = judge(playground, "before", head="main")
    assert results(judged) == [Result.PASSED]
    assert judged.base == judged.commit
