"""Tells which promoted models have the attestation that a promotion needs."""

from collections.abc import Sequence
from pathlib import Path

from aigf_dvc.capture.commit_snapshot import CommitSnapshot
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.gates.promotion import NeededAttestation
from aigf_dvc.policy.model import Policy
from aigf_dvc.settings import ModelSettings
from aigf_dvc.stores.git_ref import GitRefStore


def attested(
    models: Sequence[ModelSettings],
    pushed: CommitSnapshot,
    policy: Policy,
    *,
    environments: tuple[str, ...],
    repository: Path,
) -> list[tuple[str, str]]:
    """Return the name of each model, and why it is not attested; empty when it is.

    Args:
        models: those that are promoted.
        pushed: the commit that the tag names.
        policy: the base's.
        environments: one of these must be what the model was attested for.
        repository: where `refs/aigf/attestations` is.

    Raises:
        UndecidedError: the commit or the store cannot be read.
    """
    made = read_pipeline(pushed).made()
    lock = read_digest_lock(pushed.read(FILE_NAME))
    store = GitRefStore(repository)
    found = []
    for model in models:
        recorded = made.get(model.path)
        digest = lock.sha256(recorded.value, recorded.size) if recorded is not None else None
        needed = NeededAttestation(
            model=model.name,
            sha256=digest,
            policy=policy,
            environments=environments,
            commit=pushed.commit or "",
        )
        stored = store.find(digest) if digest is not None else ()
        found.append((model.name, needed.why_missing(stored)))
    return found
