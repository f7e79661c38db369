from pathlib import Path

import pytest

from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.verdict import Gate, Result
from tests.policy.builders import TODAY, a_lineage, an_evidence

FOLDER = Path(__file__).parents[2] / "policies"
FILES = sorted(FOLDER.glob("*.yaml"))


def shipped(name: str) -> Policy:
    return read_policy((FOLDER / name).read_bytes(), path=f"policies/{name}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_policy_passes_a_good_model_and_denies_one_without_evidence(path: Path) -> None:
    policy = shipped(path.name)
    for at in Gate:
        good = evaluate(policy, an_evidence(lineage=a_lineage()), at=at, today=TODAY)
        assert good.result is Result.PASSED
        bad = evaluate(policy, an_evidence(fairness_score=None), at=at, today=TODAY)
        assert bad.result is Result.DENIED


def test_the_baseline_demands_what_the_seed_demands_and_a_lineage() -> None:
    baseline = {rule.demand for rule in shipped("baseline.yaml").rules}
    seed = {rule.demand for rule in shipped("seed.yaml").rules}
    assert seed < baseline
    assert {rule.kind for rule in shipped("baseline.yaml").rules} == {
        "required-fields",
        "metric",
        "lineage",
    }


def test_every_policy_in_the_readme_can_be_read_and_every_kind_is_explained() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in text.split("```yaml\n")[1:]]
    assert len(blocks) == 2
    for block in blocks:
        assert read_policy(block.encode(), path="README.md").rules
    assert [kind for kind in KINDS if f"### `{kind}`" not in text] == []
