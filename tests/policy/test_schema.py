"""The schema of a policy and its reader agree, as far as a schema can see."""

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from aigf_dvc.canonical import pretty
from aigf_dvc.errors import InputError
from aigf_dvc.policy import seed_form
from aigf_dvc.policy.read import SCHEMA, read_policy
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.schema import BEYOND, POLICY_KEYS, RULE_KEYS, SEED_KEYS, policy_schema
from aigf_dvc.strict_yaml import read_strict
from tests.policy.schema_values import ANYTHING, LETTERS, values

ROOT = Path(__file__).parent.parent.parent
PUBLISHED = ROOT / "schemas" / "policy-v1.schema.json"
VALIDATOR = Draft202012Validator(policy_schema(KINDS))

Plain = Any  # whatever YAML or JSON can say


def is_read(policy: Plain) -> bool:
    try:
        read_policy(json.dumps(policy, ensure_ascii=False).encode(), path="policy.yaml")
    except InputError:
        return False
    return True


def rules_of(name: str) -> st.SearchStrategy[Plain]:
    own = {"type": "object", "properties": dict(KINDS[name].schema), "additionalProperties": False}
    common = {n: form for n, form in RULE_KEYS.items() if n not in ("id", "kind", "tier")}
    return st.builds(
        lambda wanted, extra: {"id": "a", "kind": name, **wanted, **extra},
        values({**own, "required": KINDS[name].required}),
        values({"type": "object", "properties": common, "additionalProperties": False}),
    )


def named_apart(policy: Plain) -> Plain:
    """Give each rule an id of its own, and the scopes that the policy knows."""
    policy["environments"] = sorted(
        {word.strip() for rule in policy["rules"] for word in rule.get("environments", ["any"])}
    )
    for index, rule in enumerate(policy["rules"]):
        rule["id"] = f"rule-{index}"
    return policy


# Environments are added to fit the rules; there are no other files here.
ELSEWHERE = ("environments", "includes", "extends")
TOP = {name: form for name, form in POLICY_KEYS.items() if name not in ELSEWHERE}
FULL = st.builds(
    lambda top, rules: named_apart({**top, "rules": rules}),
    values(
        {
            "type": "object",
            "properties": TOP,
            "required": ("id", "version"),
            "additionalProperties": False,
        }
    ),
    st.lists(st.one_of([rules_of(name) for name in KINDS]), min_size=1, max_size=3),
)
SHORT = values(
    {"type": "object", "properties": dict(SEED_KEYS), "additionalProperties": False}
).filter(lambda policy: any(name in policy for name in seed_form.KEYS))
POLICIES = st.one_of(FULL, SHORT)


def containers(value: Plain) -> list[Plain]:
    """Return every mapping and list of a document that holds something."""
    found = [value] if isinstance(value, dict | list) and value else []
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*found, *(inner for item in items for inner in containers(item))]


@st.composite
def spoilt(draw: st.DrawFn) -> Plain:
    """Return a policy in which something was taken out, replaced, renamed or put in."""
    policy = copy.deepcopy(draw(POLICIES))
    places = containers(policy)
    if not places:
        return policy
    place = draw(st.sampled_from(places))
    step: Any = draw(
        st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
    )
    change = draw(st.sampled_from(["replace", "remove", "add", "rename", "twice"]))
    if change == "replace":
        place[step] = draw(ANYTHING)
    elif change == "remove":
        del place[step]
    elif isinstance(place, list):
        place.append(draw(ANYTHING) if change == "add" else place[step])
    elif change == "rename":
        place[draw(st.text(LETTERS, min_size=1, max_size=6))] = place.pop(step)
    else:
        names = sorted({*RULE_KEYS, *POLICY_KEYS, *(n for k in KINDS.values() for n in k.schema)})
        place[draw(st.sampled_from(names))] = draw(ANYTHING)
    return policy


def test_the_published_schema_is_the_one_that_the_kinds_make() -> None:
    """`aigf policy schema --output schemas/policy-v1.schema.json` renews it."""
    Draft202012Validator.check_schema(policy_schema(KINDS))
    assert PUBLISHED.read_text(encoding="utf-8") == pretty(policy_schema(KINDS)) + "\n"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "policies").glob("*.yaml")), ids=lambda path: path.name
)
def test_the_shipped_policies_are_valid(path: Path) -> None:
    document = read_strict(path.read_bytes(), where=path.name)
    VALIDATOR.validate(json.loads(json.dumps(document.value, default=float)))


@pytest.mark.slow
def test_much_of_what_the_schema_allows_is_read() -> None:
    seen: Counter[bool] = Counter()

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(POLICIES)
    def count(policy: Plain) -> None:
        assert VALIDATOR.is_valid(policy)
        seen[is_read(policy)] += 1

    count()
    assert 3 * seen[True] > seen[False], seen  # or the other tests would show little


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.one_of(POLICIES, spoilt()))
def test_what_the_reader_accepts_the_schema_allows(policy: Plain) -> None:
    if is_read(policy):
        VALIDATOR.validate(policy)
    if not VALIDATOR.is_valid(policy):
        assert not is_read(policy)


@pytest.mark.slow
def test_the_schema_refuses_most_of_what_the_reader_refuses() -> None:
    seen: Counter[bool] = Counter()

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(spoilt())
    def count(policy: Plain) -> None:
        if not is_read(policy):
            seen[VALIDATOR.is_valid(policy)] += 1

    count()
    assert seen[False] > 3 * seen[True] > 0, seen


RULE = {"id": "a", "kind": "metric", "metric": "m", "min": 1}
LINEAGE = {"id": "a", "kind": "lineage"}


def a_policy(*rules: Plain, **top: Plain) -> Plain:
    return {"id": "p", "version": "1", **top, "rules": list(rules)}


@pytest.mark.parametrize(
    "policy",
    [
        [],
        {},
        {"rules": []},
        {"required_metadata": []},
        {"required_metadata": ["a"], "rules": [RULE]},
        {"required_metrics": {"score": 1}},
        {"required_metrics": {"score_min": "1"}},
        {"required_metrics": {"score_min": True}},
        a_policy(),
        a_policy({"id": "a"}),
        a_policy({"kind": "lineage"}),
        a_policy({"id": "a", "kind": "magic"}),
        a_policy({"id": "a", "kind": " lineage"}),
        a_policy({"id": "a b", "kind": "lineage"}),
        a_policy({**RULE, "edges": "verified"}),
        a_policy({**LINEAGE, "edges": "verfied"}),
        a_policy({**LINEAGE, "clean_tree": "true"}),
        a_policy({**LINEAGE, "severity": "info"}),
        a_policy({**LINEAGE, "at": []}),
        a_policy({**LINEAGE, "controls": {"gdpr": "direct"}}),
        a_policy({**LINEAGE, "controls": {"gdpr:art-5": "proves"}}),
        a_policy({**LINEAGE, "waivable": 1}),
        a_policy({"id": "a", "kind": "document", "document": "d", "max_age": "90 days"}),
        a_policy({"id": "a", "kind": "required-fields", "fields": ["a", "a"]}),
        a_policy(LINEAGE, tiers=["High"]),
        a_policy(LINEAGE, schema=SCHEMA.replace("v1", "v2")),
        a_policy(LINEAGE, waivers={"max_duration": "1y"}),
        a_policy(LINEAGE, colour="red"),
        a_policy(LINEAGE, includes=[{"path": "a.yaml"}]),
        a_policy(LINEAGE, extends={"path": "a.yaml", "sha256": "abc"}),
    ],
    ids=str,
)
def test_the_schema_and_the_reader_refuse_the_same_mistake(policy: Plain) -> None:
    assert not VALIDATOR.is_valid(policy)
    assert not is_read(policy)


BEYOND_THE_SCHEMA: list[list[Plain]] = [
    [a_policy(LINEAGE, LINEAGE), a_policy({"id": "policy", "kind": "lineage"})],
    [a_policy({**LINEAGE, "tier": "high"}), a_policy({**LINEAGE, "environments": ["x"]})],
    [
        a_policy({**LINEAGE, "expires": "2026-02-30"}),
        a_policy({**LINEAGE, "effective_from": "2026-12-24", "expires": "2026-12-23"}),
    ],
    [
        a_policy({"id": "a", "kind": "metric", "metric": "m"}),
        a_policy({**RULE, "min": 2, "max": 1}),
    ],
    [a_policy({**LINEAGE, "tolerance": {"m": 0.1}})],
    [a_policy(LINEAGE, waivers={"max_duration": "400d"})],
    [
        {**a_policy(LINEAGE), "includes": [{"path": "a.yaml", "sha256": "0" * 64}]},
        {"id": "p", "version": "1", "extends": {"path": "a.yaml", "sha256": "0" * 64}},
    ],
]


def test_what_the_schema_cannot_express_is_listed() -> None:
    assert len(BEYOND) == len(BEYOND_THE_SCHEMA) + 1  # the last is about the text, not the values
    for policies in BEYOND_THE_SCHEMA:
        for policy in policies:
            assert VALIDATOR.is_valid(policy), policy
            assert not is_read(policy), policy
