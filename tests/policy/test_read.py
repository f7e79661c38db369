import json
from datetime import date
from decimal import Decimal

import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.model import ALL_GATES, Policy, Severity
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.document import Binding, RequiredDocument
from aigf_dvc.policy.rules.lineage import DataDemand, EdgeDemand, RequiredLineage
from aigf_dvc.policy.rules.metric import MetricLimits
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.policy.verdict import Gate

FULL = b"""\
schema: https://aigf-dvc.readthedocs.io/policy/v1
id: corp/release
version: "1.10"
description: Release gate
rules:
  - id: card
    kind: required-fields
    fields: [owner, data.source]
  - id: latency
    kind: metric
    title: Answers in time
    metric: p95_latency_ms
    max: 500
    severity: warn
    at: [push, attest]
    effective_from: 2026-12-24
    expires: 2027-12-24
    remedy: Ask the platform team.
  - {id: bias, kind: document, document: bias-analysis, max_age: 26w, bound_to: nothing}
  - {id: l, kind: lineage, edges: verified, data: verified, min_trust: observed, clean_tree: true}
"""
SEED = """\
required_metadata:
  - training_data_source
  - bias_mitigation_strategy
required_metrics:
  fairness_score_min: 0.8
  p95_latency_ms_max: 500
"""


def read(text: str | bytes) -> Policy:
    return read_policy(text if isinstance(text, bytes) else text.encode(), path="policy.yaml")


def refusal(text: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(text)
    return caught.value


def refusal_of_rule(rule: str) -> str:
    error = refusal(f'id: p\nversion: "1"\nrules:\n  - {rule}\n')
    return f"{error}; {error.hint}" if error.hint else str(error)


def test_every_setting_of_the_typed_form_is_read() -> None:
    policy = read(FULL)
    assert (policy.id, policy.version, policy.description) == (
        "corp/release",
        "1.10",
        "Release gate",
    )
    card, latency, bias, lineage = policy.rules
    assert card.demand == RequiredFields(fields=("owner", "data.source"))
    assert latency.demand == MetricLimits(metric="p95_latency_ms", max=Decimal(500))
    assert latency.title == "Answers in time"
    assert latency.severity is Severity.WARN
    assert latency.at == (Gate.PUSH, Gate.ATTEST)
    assert (latency.effective_from, latency.expires) == (date(2026, 12, 24), date(2027, 12, 24))
    assert latency.remedy == "Ask the platform team."
    assert bias.demand == RequiredDocument(
        document="bias-analysis", max_age_days=182, bound_to=Binding.NOTHING
    )
    assert lineage.demand == RequiredLineage(
        edges=EdgeDemand.VERIFIED,
        data=DataDemand.VERIFIED,
        min_trust=TrustLevel.OBSERVED,
        clean_tree=True,
    )


def test_a_rule_has_safe_defaults() -> None:
    policy = read(
        'id: p\nversion: "1"\nrules:\n'
        "  - {id: l, kind: lineage}\n  - {id: d, kind: document, document: risk}\n"
    )
    lineage, document = policy.rules
    assert lineage.demand == RequiredLineage(edges=EdgeDemand.CONSISTENT)
    assert document.demand == RequiredDocument(document="risk", bound_to=Binding.MODEL_NAME)
    for rule in policy.rules:
        assert rule.severity is Severity.DENY
        assert rule.at == ALL_GATES
        assert rule.effective_from is rule.expires is None


def test_the_digest_is_that_of_the_bytes_and_each_rule_has_its_line() -> None:
    policy = read(FULL)
    assert policy.sha256 == sha256(FULL)
    assert policy.reference.sha256 == sha256(FULL)
    assert policy.reference.path == "policy.yaml"
    assert policy.places["latency"] == "policy.yaml:9"
    assert read(FULL + b"# a comment\n").sha256 != policy.sha256


def test_the_seed_form_is_a_policy_as_it_stands() -> None:
    policy = read(SEED)
    assert [(rule.id, rule.kind) for rule in policy.rules] == [
        ("required_metadata", "required-fields"),
        ("fairness_score_min", "metric"),
        ("p95_latency_ms_max", "metric"),
    ]
    fields, fairness, latency = (rule.demand for rule in policy.rules)
    assert fields == RequiredFields(fields=("training_data_source", "bias_mitigation_strategy"))
    assert fairness == MetricLimits(metric="fairness_score", min=Decimal("0.8"))
    assert latency == MetricLimits(metric="p95_latency_ms", max=Decimal(500))
    assert policy.places["p95_latency_ms_max"] == "policy.yaml:6"
    assert (policy.id, policy.version) == ("seed", "unversioned")


def test_the_seed_form_may_be_json_and_name_itself() -> None:
    text = json.dumps(
        {
            "id": "corp",
            "version": "3",
            "required_metadata": ["owner"],
            "required_metrics": {"fairness_score_min": 0.8, "fairness_score_max": 1.25},
        },
        indent="\t",
    )
    policy = read(text)
    assert (policy.id, policy.version) == ("corp", "3")
    assert [rule.id for rule in policy.rules] == [
        "required_metadata",
        "fairness_score_min",
        "fairness_score_max",
    ]


def test_the_typed_form_may_be_json() -> None:
    rules = [{"id": "f", "kind": "metric", "metric": "fairness_score", "min": 0.8}]
    policy = read(json.dumps({"id": "p", "version": "1", "rules": rules}))
    assert policy.rules[0].demand == MetricLimits(metric="fairness_score", min=Decimal("0.8"))


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "[]", "- a", "a text", "42", "null"])
def test_what_is_no_policy_is_refused_with_its_place_and_the_forms(text: str) -> None:
    error = refusal(text)
    assert str(error).startswith("policy.yaml: ")
    assert "`rules:`" in error.expected
    assert error.hint


def test_a_misspelt_top_key_is_named() -> None:
    assert refusal("rule: []").hint == "did you mean `rules`?"
    assert refusal("required_metric: {a_min: 1}").hint == "did you mean `required_metrics`?"
    assert "unknown key `requird_metrics`" in str(refusal(f"{SEED}requird_metrics: {{}}\n"))


def test_two_forms_in_one_file_are_refused() -> None:
    error = refusal(SEED + "rules: []\n")
    assert str(error) == (
        "policy.yaml:1:1: both `rules` and `required_metadata` (expected one form in one file)"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("required_metadata: []", "`required_metadata` is an empty list"),
        ("required_metadata:", "`required_metadata` is nothing"),
        ("required_metadata: owner", '`required_metadata` is "owner"'),
        ("required_metadata: [owner, 3]", "only texts"),
        ("required_metadata: [owner, owner]", "'owner' stands twice"),
        ("required_metrics: {}", "`required_metrics` is an empty mapping"),
        ("required_metrics: [a_min]", "`required_metrics` is a list"),
        ("required_metrics: {fairness: 0.8}", "the key `fairness`"),
        ("required_metrics: {_min: 0.8}", "the key `_min`"),
        ("required_metrics: {a_minimum: 0.8}", "the key `a_minimum`"),
        ('required_metrics: {a_min: "0.8"}', '`a_min` is "0.8"'),
        ("required_metrics: {a_min: true}", "`a_min` is true"),
        ("required_metrics: {a_min: null}", "`a_min` is nothing"),
        ("required_metrics: {a_min: 2, a_max: 1}", "min 2 is above max 1"),
        ("required_metrics: {a_max: 1, a_min: 2}", "min 2 is above max 1"),
    ],
)
def test_a_wrong_seed_form_is_refused(text: str, problem: str) -> None:
    assert problem in str(refusal(text))


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{id: a, kind: metrc}", "did you mean `metric`?"),
        ("{id: a, kind: magic}", "one of required-fields, metric, "),
        ("{id: a}", "there is no `kind`"),
        ("{kind: lineage}", "there is no `id`"),
        ("{id: 7, kind: lineage}", 'write it in quotes: id: "7"'),
        ("{id: a b, kind: lineage}", 'the id "a b"'),
        ("{id: policy, kind: lineage}", "the id `policy`"),
        ("lineage", '`rules` has "lineage"'),
        ("{id: a, kind: metric, metric: m}", "a metric rule without a limit"),
        ("{id: a, kind: metric, metric: m, min: 2, max: 1}", "min 2 is above max 1"),
        ('{id: a, kind: metric, metric: m, min: "2"}', "write it without quotes"),
        ("{id: a, kind: metric, metric: m, min: true}", "`min` is true"),
        ("{id: a, kind: metric, metric: m, min: null}", "`min` is nothing"),
        ("{id: a, kind: metric, metric: m, min: 1_000}", '`min` is "1_000"'),
        ("{id: a, kind: metric, min: 1}", "there is no `metric`"),
        ("{id: a, kind: metric, metric: m, mim: 1, max: 2}", "did you mean `min`?"),
        ("{id: a, kind: required-fields, fields: []}", "`fields` is an empty list"),
        ("{id: a, kind: required-fields, feilds: [x]}", "did you mean `fields`?"),
        ("{id: a, kind: document}", "there is no `document`"),
        ("{id: a, kind: document, document: d, max_age: 90 days}", "such as 90d or 26w"),
        ('{id: a, kind: document, document: d, max_age: "0d"}', "such as 90d or 26w"),
        ("{id: a, kind: document, document: d, max_age: 90}", "`max_age` is 90"),
        (
            "{id: a, kind: document, document: d, bound_to: model}",
            "model-name, model-digest, data-digest, nothing",
        ),
        ("{id: a, kind: lineage, edges: verfied}", "did you mean `verified`?"),
        ("{id: a, kind: lineage, min_trust: sworn}", "declared, observed, reproduced"),
        ('{id: a, kind: lineage, clean_tree: "true"}', "true or false"),
        ("{id: a, kind: lineage, severity: info}", "one of deny, warn"),
        ("{id: a, kind: lineage, at: push}", "a list such as [stage, push, attest, deploy]"),
        ("{id: a, kind: lineage, at: []}", "`at` is an empty list"),
        ("{id: a, kind: lineage, at: [pusj]}", "did you mean `push`?"),
        ("{id: a, kind: lineage, effective_from: 2026-02-30}", '`effective_from` is "2026-02-30"'),
        ("{id: a, kind: lineage, effective_from: 20261224}", "a day such as 2026-12-24"),
        ("{id: a, kind: lineage, effective_from: 2026-12-24, expires: 2026-12-23}", "it expires"),
        ('{id: a, kind: lineage, remedy: ""}', '`remedy` is ""'),
        ("{id: a, kind: lineage, colour: red}", "the unknown key `colour`"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(rule: str, problem: str) -> None:
    message = refusal_of_rule(rule)
    assert problem in message
    assert "policy.yaml:4:" in message


def test_a_problem_stands_at_the_line_and_column_of_its_key() -> None:
    text = 'id: p\nversion: "1"\nrules:\n  - id: l\n    kind: lineage\n    edgse: verified\n'
    error = refusal(text)
    assert error.where == "policy.yaml:6:5"
    assert error.hint == "did you mean `edges`?"
    assert refusal(text + "    id: m\n").where == "policy.yaml:7:5"
    assert refusal(text + "  - [\n").where == "policy.yaml:8:1"
    assert refusal(text.replace("edgse: verified", "edges: No")).where == "policy.yaml:6:12"


def test_two_rules_with_one_id_are_refused() -> None:
    error = refusal(FULL.replace(b"id: bias", b"id: card"))
    assert str(error).startswith("policy.yaml:19:6: a second rule with the id `card`")


def test_every_problem_is_reported_at_once_each_with_its_line() -> None:
    text = FULL.replace(b"kind: metric", b"kind: metrics").replace(b"26w", b"26 weeks")
    lines = str(refusal(text.replace(b'"1.10"', b"1.10"))).splitlines()
    assert lines == [
        "policy.yaml: 3 problems:",
        '  policy.yaml:3:1: `version` is 1.10 (expected text); write it in quotes: version: "1.10"',
        f"  policy.yaml:10:5: the unknown kind `metrics` (expected one of {', '.join(KINDS)}); "
        "did you mean `metric`?",
        '  policy.yaml:19:57: `max_age` is "26 weeks" (expected days or weeks, such as 90d or 26w)',
    ]


def test_a_schema_of_another_version_is_refused() -> None:
    assert "unknown schema" in str(refusal(FULL.replace(b"policy/v1", b"policy/v2")))


@pytest.mark.parametrize(
    "text",
    [
        b"rules: &a []\nid: *a",
        b"id: a\nid: b\nrules: []",
        b"rules: !!python/object/apply:os.system [ls]",
        b"rules: [" + b"[" * 5000,
        b"\xff\xfe",
        b"rules:\n\t- a",
        b"id: a\n---\nid: b",
        b"x: " + b"a" * 300_000,
    ],
    ids=["alias", "duplicate", "tag", "deep", "no UTF-8", "tab", "two documents", "large"],
)
def test_hostile_yaml_is_refused_and_never_a_crash(text: bytes) -> None:
    assert str(refusal(text)).startswith("policy.yaml")
