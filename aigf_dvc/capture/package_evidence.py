"""Gathers the packages behind a model: of run records, of lock files, and what is known of them."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from aigf_dvc.capture.run_records import FoundRecord
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.advisory import AdvisoryList, read_advisories
from aigf_dvc.evidence.lock_file import is_lock_file, read_lock_file
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.package import PackageList, packages_of_run
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.required_packages import RequiredPackages
from aigf_dvc.trees.snapshot import Snapshot


def with_packages(
    evidence: ModelEvidence,
    snapshot: Snapshot,
    policy: Policy,
    records: Mapping[Sha256, FoundRecord],
) -> ModelEvidence:
    """Return the evidence with the packages that are on record, and the advisories about them.

    Args:
        evidence: what is known of the model; its lineage names the run records that count.
        snapshot: the tree; the lock files lie in the project's folder.
        policy: its rules name the exports of advisories.
        records: the run records that counted, by evidence digest.

    Raises:
        UndecidedError: an export of advisories has another form.
    """
    lists = (*_of_runs(evidence, records), *_of_lock_files(snapshot))
    names = frozenset(package.name for known in lists for package in known.packages)
    advisories: dict[str, AdvisoryList] = {}
    for path in _advisory_paths(policy):
        data = snapshot.read(path)
        if data is not None:
            advisories[path] = read_advisories(data, where=path, packages=names)
    return replace(evidence, packages=lists, advisories=advisories)


def _of_runs(
    evidence: ModelEvidence, records: Mapping[Sha256, FoundRecord]
) -> Iterator[PackageList]:
    for stage in evidence.lineage.stages if evidence.lineage else ():
        found = records.get(stage.run_record) if stage.run_record is not None else None
        if found is not None:
            yield packages_of_run(stage.stage, found.record.environment)


def _of_lock_files(snapshot: Snapshot) -> Iterator[PackageList]:
    for path in filter(is_lock_file, snapshot.files()):
        found = read_lock_file(snapshot.read(path) or b"", path=path)
        if found is not None:
            yield found


def _advisory_paths(policy: Policy) -> Iterator[str]:
    for rule in policy.rules:
        if isinstance(rule.demand, RequiredPackages) and rule.demand.advisories:
            yield rule.demand.advisories
