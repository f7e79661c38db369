"""Baselines are read from a file, or from a revision by that revision's own settings."""

import json

import pytest

from aigf_dvc.capture.baselines import gather_baselines
from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import load_settings
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.policy.model import Policy
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import METRICS, MODEL, Playground
from tests.policy.builders import a_policy


def comparing(baseline: str, metric: str = "fairness_score") -> Policy:
    return a_policy(
        f'{{id: r, kind: no-regression, metric: "{metric}", baseline: {baseline}, '
        "direction: higher-is-better}"
    )


def gathered(playground: Playground, policy: Policy) -> tuple[Baseline, ...]:
    (model,) = load_settings(WorkingTree(playground.root)).models
    model = with_policy_metrics(model, policy)
    return gather_baselines(policy, model, playground.comparison(), playground.project)


def one(playground: Playground, baseline: str, metric: str = "fairness_score") -> Baseline:
    (found,) = gathered(playground, comparing(baseline, metric))
    return found


def values(baseline: Baseline) -> dict[str, str]:
    return {name: str(metric.value) for name, metric in baseline.metrics.items()}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("baseline.json", '{"fairness_score": 0.85, "p95_latency_ms": 10, "other": 1}'),
        ("old/baseline.yaml", "fairness_score: 0.85\np95_latency_ms: 10\n"),
    ],
)
def test_a_file_gives_the_numbers_that_the_model_has_too(
    playground: Playground, name: str, content: str
) -> None:
    playground.write(name, content)
    found = one(playground, f"{{file: {name}}}")
    assert values(found) == {"fairness_score": "0.85", "p95_latency_ms": "10"}
    assert (found.name, found.where, found.problem) == (f"file:{name}", name, "")


def test_a_copy_of_the_metrics_file_is_a_baseline_by_its_keys(playground: Playground) -> None:
    playground.write("baseline.json", '{"test": {"fair": 0.85}}')
    playground.replace("aigf.yaml", "metrics.json:fairness_score", "metrics.json:test.fair")
    assert values(one(playground, "{file: baseline.json}"))["fairness_score"] == "0.85"
    place = "metrics.json:test.fair"
    assert values(one(playground, "{file: baseline.json}", place))[place] == "0.85"


def test_a_file_that_is_not_there_is_no_baseline_and_a_bad_one_does_not_count(
    playground: Playground,
) -> None:
    assert one(playground, "{file: baseline.json}").absent
    playground.write("baseline.json", "{")
    bad = one(playground, "{file: baseline.json}")
    assert not bad.absent
    assert "not JSON" in bad.problem


@pytest.mark.parametrize("file", [METRICS, "models/model.bin", "data/clean.csv"])
def test_what_the_pipeline_writes_is_no_baseline_of_itself(
    playground: Playground, file: str
) -> None:
    assert "compared with itself" in one(playground, f"{{file: {file}}}").problem


def _release(playground: Playground) -> str:
    """Tag what is there as v1, and make a model that is another one, and worse."""
    playground.git("tag", "v1")
    playground.replace("src/train.sh", "echo model", "echo other")
    playground.replace("src/evaluate.sh", "0.9", "0.85")
    playground.dvc("repro", "--quiet")
    playground.aigf("capture")
    playground.commit("other")
    return playground.git("rev-parse", "v1")


def test_a_tag_gives_the_numbers_and_the_model_of_that_revision(playground: Playground) -> None:
    old = sha256((playground.root / MODEL).read_bytes())
    commit = _release(playground)
    playground.replace("aigf.yaml", "fairness_score: ", "renamed: ")
    found = one(playground, "{tag: v1}")  # by the aigf.yaml of then
    assert values(found) == {"fairness_score": "0.9", "p95_latency_ms": "12.5"}
    assert (found.where, found.model, found.problem) == (f"commit {commit[:12]}", old, "")
    place = f"{METRICS}:fairness_score"
    assert values(one(playground, "{tag: v1}", place))[place] == "0.9"


def test_a_revision_that_is_not_here_is_no_baseline(playground: Playground) -> None:
    found = one(playground, "{tag: v9}")
    assert found.absent
    assert "no revision named v9 here" in found.problem


def test_metrics_that_were_edited_at_the_revision_do_not_count(playground: Playground) -> None:
    playground.replace(METRICS, "0.9", "0.1")  # so that anything is better
    playground.commit("lower the bar")
    playground.git("tag", "low")
    assert one(playground, "{tag: low}").problem == f"its {METRICS}: edited after the run"


def test_a_revision_without_governance_or_without_the_model_does_not_count(
    playground: Playground,
) -> None:
    settings = playground.read("aigf.yaml")
    playground.git("rm", "--quiet", "aigf.yaml")
    playground.commit("none")
    playground.git("tag", "none")
    playground.write("aigf.yaml", settings.replace("scorer", "another"))
    playground.commit("another")
    playground.git("tag", "another")
    playground.write("aigf.yaml", settings)
    assert "no aigf.yaml" in one(playground, "{tag: none}").problem
    assert "no model named 'scorer'" in one(playground, "{tag: another}").problem


def test_the_commit_that_is_judged_is_no_baseline_of_itself(playground: Playground) -> None:
    playground.git("tag", "v1")
    rule = comparing("{tag: v1}")
    with playground.commit_snapshot() as snapshot:
        comparison = playground.comparison()
        comparison.snapshot = snapshot
        (model,) = load_settings(snapshot).models
        (found,) = gather_baselines(rule, model, comparison, playground.project)
    assert "compared with itself" in found.problem


def test_production_is_looked_for_only_where_somebody_says_where(playground: Playground) -> None:
    assert gathered(playground, comparing("production")) == ()
    assert gathered(playground, a_policy("{id: l, kind: lineage}")) == ()


def test_a_worse_model_than_the_tagged_one_is_denied_at_every_state(
    playground: Playground,
) -> None:
    _release(playground)
    rule = (
        "  - {id: no-worse, kind: no-regression, metric: fairness_score, baseline: {tag: v1}, "
        "direction: higher-is-better, tolerance: TOLERANCE}\n"
    )
    before = playground.read("governance/policy.yaml")
    for tolerance, code in (("0.04", 1), ("0.05", 0)):
        playground.write("governance/policy.yaml", before + rule.replace("TOLERANCE", tolerance))
        playground.commit("policy")
        for state in ((), ("--rev", "HEAD"), ("--rev", "HEAD", "--at", "attest")):
            judged = playground.aigf("check", "--format", "json", *state)
            assert judged.returncode == code, judged.stdout + judged.stderr
            findings = json.loads(judged.stdout)["verdicts"][0]["findings"]
            (said,) = [f for f in findings if f["rule"] == "no-worse"]
            assert "0.05 worse than the 0.9 of tag:v1" in said["observed"]
