"""Inside an experiment a no is said, but the experiment is kept."""

import pytest

from aigf_dvc.gates.stage import in_experiment
from tests.playground import METRICS, Playground


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"DVC_STAGE": "governance"}, False),
        ({"DVC_EXP_NAME": "x"}, False),
        ({"DVC_STAGE": "governance", "DVC_EXP_NAME": ""}, False),
        ({"DVC_STAGE": "governance", "DVC_EXP_NAME": "pop-art"}, True),
    ],
)
def test_an_experiment_is_a_stage_with_a_name(environment: dict[str, str], expected: bool) -> None:
    assert in_experiment(environment) is expected


def test_a_denied_check_exits_1_in_a_stage_and_0_in_an_experiment(playground: Playground) -> None:
    playground.replace(METRICS, "0.9", "0.1")
    stage = {"DVC_STAGE": "governance"}
    assert playground.aigf("check", extra=stage).returncode == 1
    kept = playground.aigf("check", extra=stage | {"DVC_EXP_NAME": "pop-art"})
    assert kept.returncode == 0
    assert "fairness" in kept.stdout
    assert "experiment" in kept.stderr
