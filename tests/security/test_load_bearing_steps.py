"""Each step after the signature refuses an attack that, without it, is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation import expectations
from aigf_dvc.attestation.deployment import Deployment, Statement, evidence_item
from aigf_dvc.attestation.lists.at_hand import MadeFrom, ReleaseCheck, RevocationCheck
from aigf_dvc.attestation.lists.revocations import Kind, Target
from aigf_dvc.attestation.steps.case import passed
from aigf_dvc.attestation.upstream import LinkState
from aigf_dvc.attestation.verification import SignerFacts, Step, StepName, StepOutcome
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import Outcome, Result
from aigf_dvc.report.verdict_json import verdict_as_json
from tests.attestation.builders import (
    BY_KEY,
    DEPLOYED,
    ISSUED,
    a_payload,
    a_verdict,
    some_demands,
)
from tests.attestation.judging import CERTIFIED, a_link
from tests.attestation.list_builders import (
    MODEL,
    OTHER,
    a_list,
    a_release,
    an_entry,
    an_index,
    at_hand,
    indexes_at_hand,
)

BEFORE = tuple(
    Step(name=name, outcome=StepOutcome.PASSED) for name in (StepName.BUNDLE, StepName.SIGNATURE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A statement that the right key signed, and that must be refused all the same."""

    payload: bytes = field(default_factory=a_payload)
    artifact: tuple[ModelFile, ...] = DEPLOYED
    signer: SignerFacts = BY_KEY
    demands: Mapping[str, Any] = field(default_factory=dict)  # Any: the fields of Demands

    def stopped_at(self) -> StepName | None:
        verification = expectations.judge_statement(
            self.payload,
            artifact=self.artifact,
            demands=some_demands(**self.demands),
            signer=self.signer,
            before=BEFORE,
        )
        stopped = verification.stopped_at
        assert verification.accepted is (stopped is None)
        return stopped.name if stopped is not None else None


_DENIED = verdict_as_json(a_verdict(Outcome.DENIED, result=Result.PASSED))
_WAIVER = evidence_item("waiver.json", "application/json", b"{}")


def _another_manifest(_statement: Statement, _deployment: Deployment) -> str:
    """Walk the lineage as `actions.walk_again` does where the commit says something else."""
    raise RefusedError("the commit says another lineage")


ATTACKS = {
    StepName.SOURCE: Attack(signer=replace(CERTIFIED, source_digest="0" * 40)),
    StepName.SUBJECT: Attack(artifact=(ModelFile(name="m", sha256=sha256(b"another")),)),
    StepName.VERDICT: Attack(payload=a_payload(verdict=_DENIED)),
    StepName.POLICY: Attack(demands={"policy_digests": frozenset({sha256(b"another")})}),
    StepName.WAIVERS: Attack(payload=a_payload(waivers=(_WAIVER,))),
    StepName.TRUST: Attack(demands={"min_trust": TrustLevel.REPRODUCED}),
    StepName.FRESHNESS: Attack(
        demands={"at": ISSUED + timedelta(days=31), "max_age": timedelta(days=30)}
    ),
    StepName.REVOCATION: Attack(
        demands={
            "revocation": RevocationCheck(
                lists=at_hand(a_list(an_entry(Target(kind=Kind.MODEL, sha256=MODEL)))),
                made_from=lambda _, __: MadeFrom(),
                signers=lambda _, __: (),
            )
        }
    ),
    StepName.RELEASE: Attack(
        demands={"release": ReleaseCheck(lists=indexes_at_hand(an_index(a_release(digest=OTHER))))}
    ),
    StepName.LINEAGE: Attack(demands={"walk": _another_manifest}),
    StepName.UPSTREAM: Attack(
        demands={"upstream": lambda _: [a_link(LinkState.UNATTESTED)], "upstream_required": True}
    ),
}


def test_every_step_has_an_attack() -> None:
    assert set(ATTACKS) == set(expectations._STEPS)


@pytest.mark.parametrize("name", ATTACKS, ids=lambda name: name.name)
def test_without_the_step_the_attack_is_accepted(
    monkeypatch: pytest.MonkeyPatch, name: StepName
) -> None:
    attack = ATTACKS[name]
    assert attack.stopped_at() is name
    monkeypatch.setitem(expectations._STEPS, name, lambda _: passed("taken out"))
    assert attack.stopped_at() is None
