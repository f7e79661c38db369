"""What is demanded of the lineage, its observers, its time and what is upstream is held."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.upstream import LinkState
from aigf_dvc.attestation.verification import (
    StepName,
    StepOutcome,
)
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from tests.attestation.builders import (
    ISSUED,
    a_deployment,
    a_payload,
)
from tests.attestation.judging import CERTIFIED, a_link, ending, judged, step


def test_a_lineage_below_the_demanded_trust_is_refused() -> None:
    name, detail = ending(judged(min_trust=TrustLevel.OBSERVED))
    assert name is StepName.TRUST
    assert "declared" in detail
    assert "observed" in detail


def lineage_of(*stages: StageTrust) -> Observation:
    weak = {s.stage: "no run record" for s in stages if s.level is TrustLevel.DECLARED}
    return Observation(stages=stages, reasons=weak)


def a_stage(name: str, observer: str = "") -> StageTrust:
    level = TrustLevel.OBSERVED if observer else TrustLevel.DECLARED
    return StageTrust(stage=name, level=level, observer=observer)


def test_whose_word_the_trust_is_is_said_aloud() -> None:
    stages = (StageTrust(stage="train", level=TrustLevel.OBSERVED),)
    attested = a_deployment().lineage_verification
    payload = a_payload(lineage_verification=replace(attested, stages=stages))
    by_attester = judged(payload, min_trust=TrustLevel.OBSERVED)
    assert by_attester.accepted
    assert "observed, by the word of the attester" in step(by_attester, StepName.TRUST).detail
    assert by_attester.trust is TrustLevel.OBSERVED
    assert "word" not in step(judged(), StepName.TRUST).detail
    observation = lineage_of(a_stage("train", "box"), a_stage("evaluate", "ci"))
    by_others = judged(min_trust=TrustLevel.OBSERVED, observe=lambda *_: observation)
    assert by_others.accepted
    assert "the lineage is observed by box, ci" in step(by_others, StepName.TRUST).detail
    assert by_others.trust is TrustLevel.OBSERVED


def test_whoever_observes_is_asked_once() -> None:
    asked = list[StatementHead]()

    def observe(statement: StatementHead, _: Deployment) -> Observation:
        asked.append(statement)
        return lineage_of(a_stage("train", "box"))

    assert judged(observe=observe).accepted
    assert len(asked) == 1


def test_an_observer_who_says_less_than_the_attester_is_believed() -> None:
    stages = (StageTrust(stage="train", level=TrustLevel.OBSERVED),)
    attested = a_deployment().lineage_verification
    payload = a_payload(lineage_verification=replace(attested, stages=stages))
    observation = lineage_of(*(a_stage(f"s{number}") for number in range(8)))
    verification = judged(payload, min_trust=TrustLevel.OBSERVED, observe=lambda *_: observation)
    name, detail = ending(verification)
    assert name is StepName.TRUST
    assert "'s4' and 3 more: no run record" in detail
    assert verification.trust is TrustLevel.DECLARED


@pytest.mark.parametrize(
    ("error", "code"), [(UndecidedError("not at hand"), 3), (RefusedError("no manifest"), 1)]
)
def test_evidence_of_observers_that_cannot_be_judged_is_never_a_yes(
    error: Exception, code: int
) -> None:
    def fails(*_: object) -> Observation:
        raise error

    verification = judged(observe=fails)
    assert ending(verification)[0] is StepName.TRUST
    assert (verification.exit_code, verification.trust) == (code, None)


def test_a_stale_attestation_is_refused_and_the_time_is_named_as_claimed() -> None:
    limit = timedelta(days=30)
    assert judged(max_age=limit, at=ISSUED + limit).accepted
    late = ISSUED + limit + timedelta(seconds=1)
    name, detail = ending(judged(max_age=limit, at=late))
    assert name is StepName.FRESHNESS
    assert "(claimed)" in detail


def test_the_time_of_the_log_counts_rather_than_the_claimed_one() -> None:
    signer = replace(CERTIFIED, time=ISSUED + timedelta(days=40))
    at = ISSUED + timedelta(days=41)
    verification = judged(signer=signer, max_age=timedelta(days=2), at=at)
    assert verification.accepted
    assert "(log)" in step(verification, StepName.FRESHNESS).detail


def test_an_attestation_from_the_future_is_refused() -> None:
    skew = timedelta(minutes=5)
    assert judged(at=ISSUED - skew).accepted
    early = ISSUED - skew - timedelta(seconds=1)
    assert ending(judged(at=early))[0] is StepName.FRESHNESS
    ahead = replace(CERTIFIED, time=ISSUED + timedelta(hours=1))
    assert ending(judged(signer=ahead))[0] is StepName.FRESHNESS


def test_a_claimed_time_after_the_signature_is_refused() -> None:
    signer = replace(CERTIFIED, time=ISSUED - timedelta(minutes=6))
    name, detail = ending(judged(signer=signer))
    assert name is StepName.FRESHNESS
    assert "claims to be of" in detail


@pytest.mark.parametrize(
    ("states", "outcome", "code"),
    [
        ((), StepOutcome.PASSED, 0),
        ((LinkState.ATTESTED,), StepOutcome.PASSED, 0),
        ((LinkState.ATTESTED, LinkState.UNATTESTED), StepOutcome.FAILED, 1),
        ((LinkState.UNKNOWN, LinkState.REFUSED), StepOutcome.FAILED, 1),
        ((LinkState.UNKNOWN, LinkState.ATTESTED), StepOutcome.UNDECIDED, 3),
    ],
)
def test_upstream_that_is_demanded_must_be_attested_to_the_last_link(
    states: tuple[LinkState, ...], outcome: StepOutcome, code: int
) -> None:
    links = [a_link(state) for state in states]
    found = judged(upstream=lambda _: links, upstream_required=True)
    assert (step(found, StepName.UPSTREAM).outcome, found.exit_code) == (outcome, code)
    told = judged(upstream=lambda _: links)
    assert told.accepted
    assert all(link.state in step(told, StepName.UPSTREAM).detail for link in links)
