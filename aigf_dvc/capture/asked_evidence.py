"""Gathers the evidence that only some policies ask for, and that costs time to read."""

from collections.abc import Mapping

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import CachedData
from aigf_dvc.capture.dataset_files import with_dataset_files
from aigf_dvc.capture.lock_currency import with_lock_currency
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.protected_branches import with_protected_branches
from aigf_dvc.capture.run_records import FoundRecord
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.policy.model import CLOSING_GATES, Policy
from aigf_dvc.policy.rules.datasets import RequiredDatasets
from aigf_dvc.policy.rules.lineage import RequiredLineage
from aigf_dvc.policy.rules.packages import NAME as PACKAGES
from aigf_dvc.policy.verdict import Gate


def with_asked(
    evidence: ModelEvidence,
    comparison: Consistency,
    policy: Policy,
    *,
    project: Project,
    at: Gate,
    records: Mapping[Sha256, FoundRecord],
) -> ModelEvidence:
    """Return the evidence with what the policy asks for at this gate.

    Args:
        evidence: what `gather` found.
        comparison: the snapshot, its pipeline and data.
        policy: the rules that are to be judged.
        project: where.
        at: the gate; what is judged at a later one is not read.
        records: the run records that counted, by evidence digest.

    Raises:
        InputError, UndecidedError: something cannot be read.
    """
    demands = [rule.demand for rule in policy.rules]
    lineage = [demand for demand in demands if isinstance(demand, RequiredLineage)]
    commit = comparison.snapshot.commit
    if any(rule.kind == PACKAGES for rule in policy.rules):
        # It loads a library that compares versions.
        from aigf_dvc.capture.package_evidence import with_packages  # noqa: PLC0415

        evidence = with_packages(evidence, comparison.snapshot, policy, records)
    if at is not Gate.STAGE and any(demand.current_lock for demand in lineage):
        evidence = with_lock_currency(evidence, comparison)
    if commit and at in CLOSING_GATES and any(demand.protected_branch for demand in lineage):
        with GitObjects(project.repository) as objects:
            evidence = with_protected_branches(evidence, project, objects, commit)
    if at is Gate.PUSH:  # from git objects alone: the repository may have no work tree
        return evidence
    return with_asked_files(evidence, comparison, policy, project)


def with_asked_files(
    evidence: ModelEvidence, comparison: Consistency, policy: Policy, project: Project
) -> ModelEvidence:
    """Return the evidence with the files of folders of data, where a rule looks for bad ones.

    Raises:
        UndecidedError: a folder's list of files has another form than DVC's.
    """
    demands = [rule.demand for rule in policy.rules if isinstance(rule.demand, RequiredDatasets)]
    if not any(demand.deny_digests for demand in demands):
        return evidence
    cache = DigestCache(project.root)
    found = with_dataset_files(evidence, comparison.pipeline, CachedData(project.root, cache))
    cache.save()
    return found
