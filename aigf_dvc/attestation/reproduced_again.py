"""Judges attested reproductions again, under the tolerance of the judge's own policy."""

from collections.abc import Mapping

from msgspec.structs import replace

from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.reproduction import Reproduction, parse_reproduction
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.lineage import demands_reproduction, tolerance_of


def reproduced_again(
    stages: tuple[StageTrust, ...],
    deployment: Deployment,
    beside: Mapping[Sha256, bytes],
    policy: Policy,
) -> tuple[StageTrust, ...]:
    """Return stages with the level that their reproductions give them under another policy.

    A policy that does not demand reproduction is not served with less than was attested.

    Args:
        stages: as attested.
        deployment: it carries the records, or names them by digest.
        beside: evidence that lay beside the bundle, by its digest.
        policy: the judge's.

    Raises:
        UndecidedError: a record is needed, and is not at hand or cannot be read.
    """
    if not demands_reproduction(policy):
        return stages
    content = {item.sha256: item.content for item in deployment.evidence}
    found: list[StageTrust] = []
    for stage in stages:
        if stage.level is not TrustLevel.REPRODUCED:
            found.append(stage)
            continue
        digest = stage.reproduction
        data = (content.get(digest) or beside.get(digest)) if digest is not None else None
        if digest is not None and data is None:
            raise UndecidedError(
                "the statement names its reproduction by digest only, and it is not at hand",
                where=f"stage {stage.stage}",
                expected=f"the bytes with sha256:{digest}",
                hint="verify with `--from STORE`: large evidence lies beside the bundle there",
            )
        record = parse_reproduction(data, where="reproduction") if data is not None else None
        found.append(_judged(stage, record, policy))
    return tuple(found)


def _judged(stage: StageTrust, record: Reproduction | None, policy: Policy) -> StageTrust:
    without = TrustLevel.OBSERVED if stage.run_record is not None else TrustLevel.DECLARED
    for found in record.stages if record is not None else ():
        lifts = record is not None and record.reproduces(found, without, tolerance_of(policy))
        if found.name == stage.stage and lifts:
            return stage
    return replace(stage, level=without, reproduction=None)
