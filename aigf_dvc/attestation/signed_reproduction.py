"""Lifts stages to `reproduced` by what somebody signed whom the judge trusts to reproduce.

The attester's word about a clean run counts for nothing here. A signed record lifts a stage when it
is about the very run that the manifest names, and the same bytes were made from the same bytes.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.observation import (
    MAX_MANIFEST,
    ManifestLineage,
    model_digest,
    stages_behind,
)
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.reproduction import ReproducedStage, Reproduction

_ATTESTER = "the word of the attester"


class SignedReproduction(Struct, frozen=True, kw_only=True):
    """The record of a clean run, and who signed it."""

    record: Reproduction
    reproducer: str


def by_the_attester(deployment: Deployment) -> Observation:
    """Return how far each stage is trusted by the attester's word, clean runs left out."""
    stages = deployment.lineage_verification.stages
    return Observation(stages=tuple(_without(stage) for stage in stages))


def _without(stage: StageTrust) -> StageTrust:
    if stage.level is not TrustLevel.REPRODUCED:
        return replace(stage, observer=_ATTESTER)
    level = TrustLevel.OBSERVED if stage.run_record is not None else TrustLevel.DECLARED
    return replace(stage, level=level, reproduction=None, observer=_ATTESTER)


def reproduced_by(
    base: Observation,
    statement: StatementHead,
    deployment: Deployment,
    *,
    manifest: bytes,
    signed: Callable[[Sha256], SignedReproduction],
) -> Observation:
    """Return an observation with the stages lifted whose clean run somebody trusted has signed.

    Args:
        base: how far each stage is trusted without clean runs.
        statement: the attestation; its subjects are the model's files.
        deployment: its predicate; it names the record of each stage's clean run by digest.
        manifest: the lineage manifest that the predicate names by digest.
        signed: returns the signed record with a digest; a RefusedError says why it does not count.
    """
    claimed = {
        stage.stage: stage.reproduction
        for stage in deployment.lineage_verification.stages
        if stage.reproduction is not None
    }
    if not claimed:
        return base
    lineage = ManifestLineage(Fields.read(manifest, "manifest", max_bytes=MAX_MANIFEST))
    stages, reasons = [], dict(base.reasons)
    for stage in (*base.stages, *_left_out(base, lineage, deployment)):
        digest = claimed.get(stage.stage)
        try:
            if digest is not None:
                found = signed(digest)
                _refuse_other_run(stage.stage, found.record, lineage)
                _refuse_other_model(found.record, statement, deployment)
                stages.append(_lifted(stage, digest, found.reproducer))
                reasons.pop(stage.stage, None)
                continue
        except RefusedError as error:
            reasons[stage.stage] = "; ".join(filter(None, [reasons.get(stage.stage), str(error)]))
        stages.append(stage)
    return Observation(stages=tuple(stages), reasons=reasons)


def _left_out(
    base: Observation, lineage: ManifestLineage, deployment: Deployment
) -> Iterator[StageTrust]:
    """Yield the stages that the attester does not name: nothing is known of them."""
    known = {stage.stage for stage in base.stages}
    for address in dict.fromkeys(stages_behind(lineage.pipeline, deployment)):
        if address not in known:
            yield StageTrust(stage=address, level=TrustLevel.DECLARED)


def _lifted(stage: StageTrust, digest: Sha256, reproducer: str) -> StageTrust:
    who = f"{reproducer}, who ran it again"
    return replace(
        stage,
        level=TrustLevel.REPRODUCED,
        reproduction=digest,
        observer=who if stage.observer in ("", _ATTESTER) else f"{stage.observer} and {who}",
    )


def _refuse_other_run(address: str, record: Reproduction, lineage: ManifestLineage) -> None:
    """Refuse a clean run of another run than the manifest has, or one that made other bytes."""
    stage = next((one for one in record.stages if one.name == address), None)
    if stage is None or (stage.key, stage.directory) != lineage.run_of(address):
        raise RefusedError("its clean run is of another run")
    if not record.reproduces(stage, TrustLevel.DECLARED, {}):
        raise RefusedError("its clean run made other bytes")
    _refuse_other_bytes(stage, lineage)


def _refuse_other_bytes(stage: ReproducedStage, lineage: ManifestLineage) -> None:
    for output in stage.outputs:
        if lineage.sha256_of(output.name) not in (None, output.recorded.sha256):
            raise RefusedError(
                f"its clean run was compared with other bytes of {output.name} with the same MD5"
            )


def _refuse_other_model(
    record: Reproduction, statement: StatementHead, deployment: Deployment
) -> None:
    for stage in record.stages:
        for output in stage.outputs:
            same = output.recorded.sha256 == model_digest(statement, deployment)
            if output.name == deployment.path and not same:
                raise RefusedError("its clean run is of another model")
