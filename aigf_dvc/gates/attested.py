"""Tells which promoted models have the attestation that a promotion needs."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from aigf_dvc.actions.stored_attestations import Unverified, bundles, read_unverified
from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.evidence_again import model_digest
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Result
from aigf_dvc.report.visible import visible
from aigf_dvc.settings import ModelSettings
from aigf_dvc.stores.git_ref import REF, GitRefStore
from aigf_dvc.stores.layout import Stored
from aigf_dvc.trees.commit_snapshot import CommitSnapshot

_SHORT = 12

Attesters = Callable[[Sequence[Stored]], str]
"""Tells why attestations are not by those who may attest; empty when they are."""


def attested(
    models: Sequence[ModelSettings],
    pushed: CommitSnapshot,
    policy: Policy,
    *,
    environments: tuple[str, ...],
    repository: Path,
    attesters: Attesters | None = None,
) -> list[tuple[str, str]]:
    """Return the name of each model, and why it is not attested; empty when it is.

    Args:
        models: those that are promoted.
        pushed: the commit that the tag names.
        policy: the base's.
        environments: one of these must be what the model was attested for.
        repository: where `refs/aigf/attestations` is.
        attesters: who may have signed; None: nobody looks at that here.

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
        needed = _Needed(
            model=model.name,
            sha256=digest,
            policy=policy,
            environments=environments,
            commit=pushed.commit or "",
            attesters=attesters,
        )
        stored = store.find(digest) if digest is not None else ()
        found.append((model.name, needed.why_missing(stored)))
    return found


class _Needed(Struct, frozen=True, kw_only=True):
    """The attestation that a promotion needs."""

    model: str
    sha256: Sha256 | None  # of the model's bytes, as aigf.lock of the pushed commit knows them
    policy: Policy
    environments: tuple[str, ...]
    commit: str
    attesters: Attesters | None = None

    def why_missing(self, stored: Iterable[Stored]) -> str:
        """Return why none of some stored files will do, or nothing when one does.

        Without `attesters` nobody has checked a signature: that is for `aigf verify` then.
        """
        if self.sha256 is None:
            return (
                f"the SHA-256 of {self.model} is not in aigf.lock of commit {self.commit[:_SHORT]}"
                " (`aigf capture` where its bytes are, then commit)"
            )
        found = bundles(tuple(stored))
        reasons = [self._why_not(read_unverified(item)) for item in found]
        fit = [item for item, reason in zip(found, reasons, strict=True) if not reason]
        if fit:
            reason = self.attesters(fit) if self.attesters is not None else ""
            if not reason:
                return ""
            reasons = [*filter(None, reasons), *(reason for _ in fit)]
        attest = (
            f"`aigf attest {self.model} --rev {self.commit[:_SHORT]} --key PRIVATE.key` makes one; "
            "or fetch what CI made: `aigf pull`"
        )
        if not reasons:
            return f"no attestation of {self.model} (sha256:{self.sha256}) in {REF}: {attest}"
        said = "; ".join(dict.fromkeys(reasons))
        return f"none of {len(reasons)} attestations of {self.model} will do ({said}): {attest}"

    def _why_not(self, claim: Unverified) -> str:
        deployment = claim.deployment
        if deployment is None or claim.statement is None:
            return visible(claim.problem) or "it is no deployment attestation"
        if model_digest(deployment, claim.statement.subjects) != self.sha256:
            return "it is about other bytes"
        return self._unfit(deployment)

    def _unfit(self, deployment: Deployment) -> str:
        if deployment.model != self.model:
            return f"it is about the model {visible(deployment.model)}"
        if deployment.verdict.get("result") != Result.PASSED.value:
            return "its verdict is not `passed`"
        if deployment.policy.sha256 != self.policy.sha256:
            return f"it is under another policy than {self.policy.path} of the base"
        if deployment.environment not in (*self.environments, None):
            return f"it is for the environment {visible(deployment.environment or '')}"
        return ""
