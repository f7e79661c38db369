"""A policy as it works: which rules judge what, and the one file that means the same."""

import json

import pytest

from aigf_dvc.actions.policy_show import effective_policy
from aigf_dvc.errors import InputError
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.strictness.policies import compare_policies
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.report.policy_text import policy_as_json, policy_as_yaml, policy_text
from tests.playground import Playground

TEXT = """\
id: p
version: "2"
description: "what \\u202e it wants"
tiers: [low, high]
environments: [staging, production]
expires: 2030-01-01
waivers: {max_duration: 30d, roles: [risk-owner]}
rules:
  - id: card
    kind: required-fields
    fields: [owner, "a\\u0085b"]
    tier: high
  - {id: fair, kind: metric, metric: f, min: 0.80, environments: [production], at: [attest]}
  - id: lineage
    kind: lineage
    min_trust: observed
    severity: warn
    waivable: false
    controls: {"eu-ai-act:annex-iv": partial}
    why: "because: #1"
"""
SEED = "required_metadata: [owner]\nrequired_metrics: {f_min: 0.5, f_max: 1e3}\n"


def read(text: str) -> Policy:
    return read_policy(text.encode(), path="policy.yaml")


def ids(policy: Policy) -> list[str]:
    return [rule.id for rule in policy.rules]


def test_a_case_has_the_rules_that_judge_it() -> None:
    policy = read(TEXT)
    assert ids(effective_policy(policy)) == ["card", "fair", "lineage"]
    assert ids(effective_policy(policy, tier="low")) == ["fair", "lineage"]
    assert ids(effective_policy(policy, environment="staging")) == ["card", "lineage"]
    assert ids(effective_policy(policy, at=Gate.PUSH)) == ["card", "lineage"]
    assert ids(effective_policy(policy, tier="low", environment="staging")) == ["lineage"]


@pytest.mark.parametrize(("tier", "environment"), [("hihg", ""), ("", "prod")])
def test_an_unknown_tier_or_environment_is_the_callers_mistake(tier: str, environment: str) -> None:
    with pytest.raises(InputError, match=r"the (tier|environment)"):
        effective_policy(read(TEXT), tier=tier, environment=environment)


def test_a_policy_without_environments_knows_any_and_one_without_tiers_none() -> None:
    policy = read(SEED)
    assert len(ids(effective_policy(policy, environment="anything"))) == 3
    with pytest.raises(InputError):
        effective_policy(policy, tier="high")


def test_the_text_says_of_each_rule_where_it_stands_and_what_it_demands() -> None:
    text = policy_text(read(TEXT), color=False)
    assert "fair (metric)  policy.yaml:13\n  demands   f: at least 0.8\n" in text
    assert "every edge consistent; every stage observed or stronger" in text
    assert "  effect    warns, never waived" in text
    assert "  controls  eu-ai-act:annex-iv (partial)" in text
    assert "  tiers     low < high" in text
    assert "\u202e" not in text


def test_the_json_has_the_settings_as_they_are_written() -> None:
    document = policy_as_json(read(TEXT))
    assert isinstance(document, dict)
    rules = document["rules"]
    assert isinstance(rules, list)
    fair = rules[1]
    assert fair["written"]["min"] == 0.8
    assert (fair["place"], fair["demands"]) == ("policy.yaml:13", "f: at least 0.8")


@pytest.mark.parametrize("text", [TEXT, SEED], ids=["full", "short"])
def test_the_one_file_means_the_same(text: str) -> None:
    policy = read(text)
    written = policy_as_yaml(policy)
    again = read_policy(written.encode(), path="effective.yaml")
    assert [c for c in compare_policies(policy, again) if c.key != "version"] == []
    assert [rule.demand for rule in again.rules] == [rule.demand for rule in policy.rules]
    assert "\u202e" not in written
    assert again.description == policy.description


def test_the_command_shows_the_policy_of_the_project_a_commit_or_a_file(
    playground: Playground,
) -> None:
    shown = playground.aigf("policy", "show")
    assert shown.returncode == 0
    line = playground.read("governance/policy.yaml").split("id: fairness")[0].count("\n") + 1
    assert f"fairness (metric)  governance/policy.yaml:{line}" in shown.stdout
    playground.replace("governance/policy.yaml", "min: 0.8", "min: 0.7")
    then = playground.aigf("policy", "show", "--rev", "HEAD", "--format", "json")
    assert {r["id"]: r["demands"] for r in json.loads(then.stdout)["rules"]}["fairness"] == (
        "fairness_score: at least 0.8"
    )
    here = playground.aigf("policy", "show", "governance/policy.yaml", "--format", "yaml")
    assert "min: 0.7" in here.stdout
    assert playground.aigf("policy", "show", "--tier", "high").returncode == 2
    assert playground.aigf("policy", "show", "x.yaml", "--rev", "HEAD").returncode == 2
