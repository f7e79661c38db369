import json

import pytest

from aigf_dvc.actions.policy_coverage import choose_catalogues
from aigf_dvc.errors import InputError
from tests.playground import Playground

POLICY = """\
id: with-controls
version: "1"
rules:
  - id: latency
    kind: metric
    metric: p95_latency_ms
    max: 500
    controls: {nist-ai-rmf:MEASURE-2.5: direct, eu-ai-act:art-9-8: direct}
  - id: fairness
    kind: metric
    metric: fairness_score
    min: %s
    controls: {nist-ai-rmf:MEASURE-2.11: direct}
"""


def test_it_tells_which_controls_are_evidenced(playground: Playground) -> None:
    playground.write("governance/with-controls.yaml", POLICY % "0.1")
    run = playground.aigf(
        "policy", "coverage", "--policy", "governance/with-controls.yaml",
        "--framework", "nist-ai-rmf", "--format", "json",
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    (coverage,) = json.loads(run.stdout)["coverage"]
    assert [(c["id"], c["evidenced"], c["strength"]) for c in coverage["controls"]] == [
        ("nist-ai-rmf:MEASURE-2.5", "evidenced", "direct"),
        ("nist-ai-rmf:MEASURE-2.11", "evidenced", "direct"),
    ]


def test_a_rule_that_denies_leaves_its_control_open_and_the_exit_code_says_so(
    playground: Playground,
) -> None:
    playground.write("governance/with-controls.yaml", POLICY % "0.999")
    run = playground.aigf("policy", "coverage", "--policy", "governance/with-controls.yaml")
    assert run.returncode == 1
    assert "✘ nist-ai-rmf:MEASURE-2.11" in run.stdout
    assert "✔ eu-ai-act:art-9-8" in run.stdout


def test_a_policy_that_claims_nothing_is_no_success(playground: Playground) -> None:
    run = playground.aigf("policy", "coverage", "--framework", "iso-42001")
    assert run.returncode == 1
    assert "nothing is evidenced" in " ".join(run.stdout.split())


def test_a_catalogue_of_ones_own_is_used(playground: Playground) -> None:
    playground.write("governance/with-controls.yaml", POLICY.replace("eu-ai-act", "house") % "0.1")
    playground.write(
        "house.yaml",
        "id: house\nname: House rules\nsource: intranet\n"
        "controls:\n  art-9-8: {title: Tested, by: {metric: exists}, not_shown: the rest}\n",
    )
    run = playground.aigf(
        "policy", "coverage", "--policy", "governance/with-controls.yaml",
        "--framework", "house", "--catalogue", "house.yaml",
    )  # fmt: skip
    assert run.returncode == 0
    assert "claims direct, which counts as exists" in " ".join(run.stdout.split())


def test_an_unknown_framework_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="expected one of eu-ai-act"):
        choose_catalogues(["gdpr"])
