import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy

ORG = """\
id: bank
version: "3"
tiers: [low, high]
environments: [staging, production]
expires: 2027-12-31
waivers: {max_duration: 30d, roles: [risk-owner]}
rules:
  - {id: fairness, kind: metric, metric: fairness_score, min: 0.9}
  - {id: card, kind: required-fields, fields: [owner, source], tier: high}
  - {id: lineage, kind: lineage, min_trust: observed, waivable: false}
"""


def project(rules: str = "", more: str = "", *, org: str = ORG) -> bytes:
    own = f"rules:\n{rules}" if rules else ""
    pin = f'{{path: org.yaml, sha256: "{sha256(org.encode())}"}}'
    return f'id: fraud\nversion: "1"\nextends: {pin}\n{more}{own}'.encode()


def read(data: bytes, *, org: str = ORG) -> Policy:
    files = {"org.yaml": org.encode()}
    return read_policy(data, path="governance/policy.yaml", read_part=files.get)


def refusal(rules: str = "", more: str = "", *, org: str = ORG) -> InputError:
    with pytest.raises(InputError) as caught:
        read(project(rules, more, org=org), org=org)
    return caught.value


def test_all_rules_of_the_organisation_hold_and_new_ones_are_free() -> None:
    policy = read(project("  - {id: speed, kind: metric, metric: latency, max: 5}\n"))
    assert [rule.id for rule in policy.rules] == ["fairness", "card", "lineage", "speed"]
    assert policy.places["card"] == "governance/org.yaml:9"
    assert policy.places["speed"] == "governance/policy.yaml:5"
    assert (policy.id, policy.version) == ("fraud", "1")


def test_a_project_inherits_what_it_says_nothing_of() -> None:
    policy = read(project())
    assert policy.tiers == ("low", "high")
    assert policy.environments == ("staging", "production")
    assert str(policy.expires) == "2027-12-31"
    assert (policy.waivers.max_days, policy.waivers.roles) == (30, ("risk-owner",))


def test_a_stricter_rule_of_the_same_id_stands_in_the_place_of_the_organisations() -> None:
    policy = read(
        project("  - {id: fairness, kind: metric, metric: fairness_score, min: 0.95, max: 1.2}\n")
    )
    assert [rule.id for rule in policy.rules] == ["fairness", "card", "lineage"]
    assert policy.places["fairness"] == "governance/policy.yaml:5"


def test_a_weaker_rule_is_refused_with_rule_key_both_values_and_both_lines() -> None:
    error = refusal("  - {id: fairness, kind: metric, metric: fairness_score, min: 0.85}\n")
    assert str(error) == (
        "governance/policy.yaml:5: rule `fairness`, min: 0.85, where governance/org.yaml has 0.9: "
        "the lower limit is lower (expected at least as strict as governance/org.yaml:8)"
    )


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{id: fairness, kind: metric, metric: fairness_score, max: 2}", "min: nothing"),
        ("{id: fairness, kind: metric, metric: other, min: 0.9}", "metric: other"),
        ("{id: fairness, kind: lineage}", "kind: lineage"),
        (
            "{id: fairness, kind: metric, metric: fairness_score, min: 0.9, severity: warn}",
            "severity: warn",
        ),
        (
            "{id: fairness, kind: metric, metric: fairness_score, min: 0.9, tier: high}",
            "tier: high",
        ),
        (
            "{id: fairness, kind: metric, metric: fairness_score, min: 0.9,"
            " environments: [production]}",
            "environments: [production]",
        ),
        (
            "{id: fairness, kind: metric, metric: fairness_score, min: 0.9, at: [attest]}",
            "at: [attest]",
        ),
        (
            "{id: fairness, kind: metric, metric: fairness_score, min: 0.9,"
            " effective_from: 2030-01-01}",
            "effective_from: 2030-01-01",
        ),
        (
            "{id: fairness, kind: metric, metric: fairness_score, min: 0.9, expires: 2030-01-01}",
            "expires: 2030-01-01",
        ),
        ("{id: card, kind: required-fields, fields: [owner]}", "fields: [owner]"),
        ("{id: lineage, kind: lineage, min_trust: declared, waivable: false}", "min_trust"),
        ("{id: lineage, kind: lineage, min_trust: observed}", "waivable: true"),
    ],
)
def test_nothing_of_a_rule_may_be_weakened(rule: str, problem: str) -> None:
    assert problem in str(refusal(f"  - {rule}\n"))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("tiers: [low]\n", "tiers: [low]"),
        ("tiers: [none, low, high]\n", "tiers: [none, low, high]"),
        ("environments: [production]\n", "environments: [production]"),
        ("environments: [staging, production, play]\n", "play"),
        ("expires: 2028-01-01\n", "expires: 2028-01-01"),
        ("waivers: {max_duration: 31d, roles: [risk-owner]}\n", "waivers.max_duration: 31d"),
        ("waivers: {max_duration: 30d}\n", "waivers.roles: nothing"),
    ],
)
def test_nothing_of_the_whole_policy_may_be_weakened(more: str, problem: str) -> None:
    org = ORG.replace(", tier: high", "")
    assert problem in str(refusal(more=more, org=org))


@pytest.mark.parametrize(
    "more",
    [
        "tiers: [low, high]\n",
        "environments: [production, staging]\n",
        "expires: 2027-01-01\n",
        "waivers: {max_duration: 7d, roles: [risk-owner]}\n",
    ],
)
def test_the_whole_policy_may_be_repeated_or_tightened(more: str) -> None:
    assert len(read(project(more=more)).rules) == 3


def test_a_project_may_bring_tiers_where_the_organisation_has_none() -> None:
    org = ORG.replace("tiers: [low, high]\n", "").replace(", tier: high", "")
    policy = read(
        project("  - {id: a, kind: lineage, tier: b}\n", "tiers: [a, b]\n", org=org), org=org
    )
    assert policy.tiers == ("a", "b")


def test_every_weakening_is_named_at_once() -> None:
    lines = str(
        refusal(
            "  - {id: fairness, kind: metric, metric: fairness_score, min: 0.1, severity: warn}\n"
            "  - {id: card, kind: required-fields, fields: [source], tier: high}\n"
        )
    ).splitlines()
    assert lines[0] == "governance/policy.yaml: 3 problems:"
    assert [line.split("`")[1] for line in lines[1:]] == ["fairness", "fairness", "card"]


def test_an_organisation_may_extend_another_one() -> None:
    group = 'id: group\nversion: "1"\nrules: [{id: top, kind: lineage}]\n'
    pin = f'extends: {{path: group.yaml, sha256: "{sha256(group.encode())}"}}\n'
    org = ORG.replace("tiers:", pin + "tiers:")
    files = {"org.yaml": org.encode(), "group.yaml": group.encode()}
    policy = read_policy(project(org=org), path="policy.yaml", read_part=files.get)
    assert [rule.id for rule in policy.rules] == ["top", "fairness", "card", "lineage"]
    assert [part.path for part in policy.parts] == ["org.yaml", "group.yaml"]


def test_the_organisations_digest_is_held() -> None:
    error = refusal_of_changed()
    assert "org.yaml has the SHA-256" in error.found


def refusal_of_changed() -> InputError:
    with pytest.raises(InputError) as caught:
        read(project(), org=ORG + "# changed\n")
    return caught.value
