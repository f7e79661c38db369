from pathlib import Path

import pytest

from aigf_dvc.actions.policy_coverage import shipped_catalogues
from aigf_dvc.policy.controls import Catalogue, weaker
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.strictness.policies import compare_policies
from aigf_dvc.policy.verdict import Gate, Result
from tests.policy.builders import TODAY, an_evidence
from tests.policy.good_evidence import good_evidence

FOLDER = Path(__file__).parents[2] / "policies"
FILES = sorted(FOLDER.glob("*.yaml"))


def shipped(name: str) -> Policy:
    return read_policy((FOLDER / name).read_bytes(), path=f"policies/{name}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_policy_passes_a_good_model_and_denies_one_without_evidence(path: Path) -> None:
    policy = shipped(path.name)
    for at in Gate:
        good = evaluate(policy, good_evidence(policy), at=at, today=TODAY, environment="production")
        assert good.result is Result.PASSED
        bad = evaluate(policy, an_evidence(fairness_score=None), at=at, today=TODAY)
        assert bad.result is Result.DENIED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_rule_claims_more_of_a_control_than_the_catalogue_lets_its_kind(path: Path) -> None:
    catalogues = {catalogue.id: catalogue for catalogue in shipped_catalogues()}
    for rule in shipped(path.name).rules:
        for claim in rule.controls:
            framework, _, name = claim.id.partition(":")
            control = catalogues[framework].control(name)
            assert control is not None, claim.id
            most = control.by.get(rule.kind)
            assert most is not None, f"{rule.id}: {claim.id} is not evidenced by {rule.kind}"
            assert weaker(claim.strength, most) is claim.strength, f"{rule.id}: {claim.id}"


@pytest.mark.parametrize("catalogue", shipped_catalogues(), ids=lambda catalogue: catalogue.id)
def test_the_pack_of_a_framework_claims_its_controls_and_explains_itself(
    catalogue: Catalogue,
) -> None:
    names = {"sr-11-7": "financial-model-risk"}
    name = names.get(catalogue.id, catalogue.id)
    claimed = {c.id for rule in shipped(f"{name}.yaml").rules for c in rule.controls}
    assert {claim.partition(":")[0] for claim in claimed} == {catalogue.id}
    assert len(claimed) > len(catalogue.controls) / 2
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert (
        "Not evidenced" in page
        or "Never claimed" in page
        or "not touched" in page
        or ("says nothing" in page or "are not evidenced" in page)
    )


def test_every_shipped_policy_has_a_page_of_its_own() -> None:
    pages = {path.stem for path in FOLDER.glob("*.md")}
    assert {path.stem for path in FILES} - pages == {"seed"}  # baseline.md speaks of it, too


def test_the_high_risk_pack_holds_all_of_the_baseline() -> None:
    changes = compare_policies(shipped("baseline.yaml"), shipped("high-risk.yaml"))
    assert [str(change) for change in changes if not change.direction.is_safe] == []


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
