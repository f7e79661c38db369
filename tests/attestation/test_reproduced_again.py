"""A judge with a policy of their own computes an attested reproduction anew."""

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import Deployment, evidence_item
from aigf_dvc.attestation.reproduced_again import reproduced_again
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.reproduction import MEDIA_TYPE, Reproduction
from aigf_dvc.policy.model import Policy
from tests.attestation.builders import a_deployment
from tests.evidence.test_reproduction import a_metric, a_reproduction
from tests.policy.builders import a_policy

INDIFFERENT = a_policy("{id: a, kind: lineage, min_trust: observed}")
STRICT = a_policy("{id: a, kind: lineage, min_trust: reproduced}")
TOLERANT = a_policy("{id: a, kind: lineage, min_trust: reproduced, tolerance: {auc: 0.1}}")
NEAR = a_reproduction(made="b", metric=a_metric("0.9", "0.85"))


def attested(record: Reproduction, *, observed: bool = True, inline: bool = True) -> Deployment:
    """Return an attestation of a stage that its attester calls reproduced."""
    item = evidence_item("reproduction/scorer", MEDIA_TYPE, record.to_bytes())
    stage = StageTrust(
        stage="train",
        level=TrustLevel.REPRODUCED,
        run_record=sha256(b"run") if observed else None,
        reproduction=item.sha256,
    )
    deployment = a_deployment(evidence=(item if inline else replace(item, content=None),))
    lineage = replace(deployment.lineage_verification, stages=(stage,))
    return replace(deployment, lineage_verification=lineage)


def level(
    deployment: Deployment, policy: Policy, beside: dict[Sha256, bytes] | None = None
) -> TrustLevel:
    stages = deployment.lineage_verification.stages
    (stage,) = reproduced_again(stages, deployment, beside or {}, policy)
    return stage.level


def test_the_same_bytes_are_reproduced_under_every_policy() -> None:
    deployment = attested(a_reproduction(), observed=False)
    for policy in (INDIFFERENT, STRICT, TOLERANT):
        assert level(deployment, policy) is TrustLevel.REPRODUCED


def test_near_numbers_count_under_the_judges_own_tolerance_alone() -> None:
    assert level(attested(NEAR), TOLERANT) is TrustLevel.REPRODUCED
    assert level(attested(NEAR), STRICT) is TrustLevel.OBSERVED
    assert level(attested(NEAR, observed=False), TOLERANT) is TrustLevel.DECLARED


def test_a_policy_that_does_not_ask_is_not_served_with_less() -> None:
    deployment = attested(NEAR, inline=False)
    assert level(deployment, INDIFFERENT) is TrustLevel.REPRODUCED


def test_a_record_beside_the_bundle_serves_as_well_and_its_lack_is_undecided() -> None:
    deployment = attested(a_reproduction(), inline=False)
    data = a_reproduction().to_bytes()
    assert level(deployment, STRICT, {sha256(data): data}) is TrustLevel.REPRODUCED
    with pytest.raises(UndecidedError, match="not at hand"):
        level(deployment, STRICT)


def test_a_record_of_other_stages_or_none_at_all_proves_nothing() -> None:
    (stage,) = a_reproduction().stages
    other = replace(a_reproduction(), stages=(replace(stage, name="prepare"),))
    assert level(attested(other), STRICT) is TrustLevel.OBSERVED
    deployment = attested(a_reproduction(), observed=False)
    bare = StageTrust(stage="train", level=TrustLevel.REPRODUCED)
    lineage = replace(deployment.lineage_verification, stages=(bare,))
    deployment = replace(deployment, lineage_verification=lineage)
    assert level(deployment, STRICT) is TrustLevel.DECLARED


def test_what_is_not_called_reproduced_stays_as_it_is() -> None:
    deployment = a_deployment()
    stages = deployment.lineage_verification.stages
    assert reproduced_again(stages, deployment, {}, STRICT) == stages
