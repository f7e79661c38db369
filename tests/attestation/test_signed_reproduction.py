"""Only a signed clean run of the very run that the manifest names makes a stage reproduced."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import Deployment, LineageVerification, Statement
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.signed_reproduction import (
    SignedReproduction,
    by_the_attester,
    reproduced_by,
)
from aigf_dvc.canonical import dumps
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import EdgeState, StageTrust, TrustLevel
from aigf_dvc.evidence.reproduction import (
    ComparedOutput,
    Digests,
    ReproducedStage,
    Reproduction,
)
from aigf_dvc.evidence.run_record import Recorder
from tests.attestation.builders import MODEL_FILES, a_deployment
from tests.attestation.test_observation import MODEL, RUNS, manifest, seen

AT = datetime(2026, 11, 20, tzinfo=UTC)
DIGEST = sha256(b"the record")
STATEMENT = Statement(predicate_type="x", subjects=MODEL_FILES, predicate={})


def a_stage(name: str) -> ReproducedStage:
    run = RUNS[name]
    both = {p: Digests(md5=seen(p).md5, sha256=seen(p).sha256) for p in run.outputs}
    made = {path for other in RUNS.values() for path in other.outputs}
    return ReproducedStage(
        name=name,
        key=run.key,
        directory="",
        inputs=tuple(path for path in run.inputs if path in made),
        outputs=tuple(ComparedOutput(name=p, recorded=d, made=d) for p, d in both.items()),
        run_record=None,
    )


RECORD = Reproduction(
    model="fraud",
    tree=sha256(b"tree"),
    stages=tuple(a_stage(name) for name in RUNS),
    metrics={},
    environment={},
    started=AT,
    ended=AT,
    recorder=Recorder(name="aigf-dvc", version="1.0"),
)


def attested(*listed: str) -> Deployment:
    stages = tuple(
        StageTrust(stage=name, level=TrustLevel.REPRODUCED, reproduction=DIGEST) for name in listed
    )
    verification = LineageVerification(
        edges=dict.fromkeys(EdgeState, 0), stages=stages, problems=()
    )
    return a_deployment(path=MODEL, lineage_verification=verification)


def judged(
    record: Reproduction | None = RECORD,
    *,
    listed: tuple[str, ...] = tuple(RUNS),
    base: Observation | None = None,
    statement: Statement = STATEMENT,
) -> Observation:
    deployment = attested(*listed)

    def signed(digest: Sha256) -> SignedReproduction:
        assert digest == DIGEST
        if record is None:
            raise RefusedError("signed by nobody")
        return SignedReproduction(record=record, reproducer="lab (sha256:lab)")

    return reproduced_by(
        base or by_the_attester(deployment), statement, deployment,
        manifest=dumps(manifest()), signed=signed,
    )  # fmt: skip


def with_stage(edit: Callable[[ReproducedStage], ReproducedStage]) -> Reproduction:
    """Return the record with another training stage."""
    return replace(
        RECORD, stages=tuple(edit(one) if one.name == "train" else one for one in RECORD.stages)
    )


def other_output(**changes: Any) -> Reproduction:  # noqa: ANN401 (the fields of an output)
    return with_stage(lambda one: replace(one, outputs=(replace(one.outputs[0], **changes),)))


def test_a_signed_clean_run_lifts_every_stage_and_says_whose_it_is() -> None:
    found = judged()
    assert found.level is TrustLevel.REPRODUCED
    assert {stage.observer for stage in found.stages} == {"lab (sha256:lab), who ran it again"}


def test_the_attesters_word_about_a_clean_run_counts_for_nothing() -> None:
    found = judged(None)
    assert found.level is TrustLevel.DECLARED
    assert found.reasons == dict.fromkeys(RUNS, "signed by nobody")


def test_a_stage_that_the_attester_left_out_is_not_reproduced() -> None:
    found = judged(listed=("train", "evaluate"))
    assert found.level is TrustLevel.DECLARED
    assert "prepare" in {stage.stage for stage in found.stages}


def test_what_others_observed_stays_observed_without_a_clean_run() -> None:
    observed = Observation(
        stages=tuple(
            StageTrust(stage=name, level=TrustLevel.OBSERVED, observer="box") for name in RUNS
        )
    )
    assert judged(None, base=observed).level is TrustLevel.OBSERVED
    lifted = judged(base=observed)
    assert lifted.level is TrustLevel.REPRODUCED
    assert lifted.stages[0].observer == "box and lab (sha256:lab), who ran it again"


DIFFERENT = Digests(md5="f" * 32, sha256=sha256(b"another"))


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (with_stage(lambda one: replace(one, key=sha256(b"another"))), "of another run"),
        (with_stage(lambda one: replace(one, directory="elsewhere")), "of another run"),
        (with_stage(lambda one: replace(one, name="other")), "of another run"),
        (other_output(made=DIFFERENT), "made other bytes"),
        (
            other_output(
                recorded=Digests(md5=seen(MODEL).md5, sha256=sha256(b"twin")),
                made=Digests(md5=seen(MODEL).md5, sha256=sha256(b"twin")),
            ),
            "with the same MD5",
        ),
    ],
)
def test_a_clean_run_of_something_else_does_not_lift(record: Reproduction, problem: str) -> None:
    found = judged(record)
    levels = {stage.stage: stage.level for stage in found.stages}
    assert levels["train"] is TrustLevel.DECLARED
    assert problem in found.reasons["train"]


def test_a_clean_run_of_another_model_lifts_nothing() -> None:
    other = (replace(MODEL_FILES[0], sha256=sha256(b"another model")),)
    found = judged(statement=replace(STATEMENT, subjects=other))
    assert found.level is TrustLevel.DECLARED
    assert set(found.reasons.values()) == {"its clean run is of another model"}
