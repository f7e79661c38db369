"""Reads what a commit says of the runs and packages that an attestation names."""

from collections.abc import Sequence

from msgspec.structs import replace

from aigf_dvc.attestation.attested_packages import packages_item
from aigf_dvc.attestation.attested_runs import AttestedRun
from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.lineage_again import Walked
from aigf_dvc.attestation.records_again import WalkedRun
from aigf_dvc.capture.package_evidence import with_packages
from aigf_dvc.capture.run_records import FoundRecord, run_key
from aigf_dvc.capture.walked_lineage import WalkedTree
from aigf_dvc.evidence.lineage import Lineage
from aigf_dvc.evidence.model_evidence import ModelEvidence


def with_records(
    walked: Walked, tree: WalkedTree, deployment: Deployment, runs: Sequence[AttestedRun]
) -> Walked:
    """Return a walk with the commit's own runs, lock files of packages, and advisories.

    Args:
        walked: what the commit says of the model.
        tree: the commit's project.
        deployment: what was attested: which stages name a run record.
        runs: the records; the advisories that count are those about the packages in them, too.

    Raises:
        UndecidedError: an export of advisories has another form.
    """
    stages, pipeline = deployment.lineage_verification.stages, tree.pipeline
    evidence = ModelEvidence(
        model=deployment.model, card=None, lineage=Lineage(edges=(), stages=stages)
    )
    records = {
        run.evidence: FoundRecord(record=run.record, data=run.data)
        for run in runs
        if run.record is not None
    }
    packages = packages_item(with_packages(evidence, tree.snapshot, tree.policy, records))
    return replace(
        walked,
        packages=packages.content if packages is not None else None,
        runs={
            run.stage: WalkedRun(
                key=run_key(pipeline, run.stage), directory=pipeline.stages[run.stage].directory
            )
            for run in runs
            if run.stage in pipeline.stages
        },
    )
