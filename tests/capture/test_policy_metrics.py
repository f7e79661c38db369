"""A metric that a policy names by its place is read, tied to the model, and carried."""

import json

from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import load_settings
from aigf_dvc.settings import MetricSource
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import METRICS, Playground
from tests.policy.builders import a_policy

BY_PLACE = """\
schema: https://aigf-dvc.readthedocs.io/policy/v1
id: by-place
version: "1"
rules:
  - {id: fairness, kind: metric, metric: "metrics.json:fairness_score", min: 0.8}
  - {id: lineage, kind: lineage}
"""


def test_places_are_added_to_the_named_metrics_and_win_over_a_name_like_them(
    playground: Playground,
) -> None:
    (model,) = load_settings(WorkingTree(playground.root)).models
    policy = a_policy(
        '{id: a, kind: metric, metric: "m/x.json:a.b", min: 1}',
        "{id: b, kind: metric, metric: fairness_score, min: 1}",
    )
    found = with_policy_metrics(model, policy).metrics
    assert found["m/x.json:a.b"] == MetricSource(file="m/x.json", key="a.b")
    assert {name: found[name] for name in model.metrics} == model.metrics
    assert len(found) == len(model.metrics) + 1


def test_a_metric_that_aigf_yaml_does_not_name_is_judged_by_its_place(
    playground: Playground,
) -> None:
    playground.replace("aigf.yaml", '      fairness_score: "metrics.json:fairness_score"\n', "")
    playground.write("governance/policy.yaml", BY_PLACE)
    playground.commit()
    for state in ((), ("--rev", "HEAD")):
        assert playground.aigf("check", *state).returncode == 0
    playground.write("governance/policy.yaml", BY_PLACE.replace("min: 0.8", "min: 0.91"))
    denied = playground.aigf("check")
    assert denied.returncode == 1
    assert "metrics.json:fairness_score is 0.9" in denied.stdout


def test_numbers_at_a_place_that_no_stage_makes_are_called_out(playground: Playground) -> None:
    playground.write("by-hand.json", json.dumps({"fairness_score": 1.0}))
    playground.write("governance/policy.yaml", BY_PLACE.replace(METRICS, "by-hand.json"))
    denied = playground.aigf("check")
    assert denied.returncode == 1
    assert "nothing shows which model these numbers are about" in " ".join(denied.stdout.split())


def test_a_seed_policy_cannot_lead_out_of_the_project(playground: Playground) -> None:
    (playground.root.parent / "m.json").write_text('{"a": 1}')
    playground.write("governance/policy.yaml", 'required_metrics: {"../m.json:a_min": 0.8}\n')
    denied = playground.aigf("check")
    assert denied.returncode == 1
    assert "../m.json:a is missing" in denied.stdout
