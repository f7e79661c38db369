"""Tags that promote a model, as GTO writes them, and the attestation that a promotion needs.

See: https://github.com/iterative/gto, gto/constants.py
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aigf_dvc.actions.stored_attestations import Unverified, bundles, read_unverified
from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.evidence_again import model_digest
from aigf_dvc.digests import Sha256
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Result
from aigf_dvc.report.visible import visible
from aigf_dvc.stores.git_ref import REF
from aigf_dvc.stores.layout import Stored

# `model@v1.2.0` is a version and `model#prod#3` a stage; `!` takes either back. What only looks
# like one counts too: a typing error must not be the way around.
_TAG = re.compile(r"(?P<name>[^@#]+)(?:@(?P<version>v?[0-9][^#]*?)|#(?P<stage>[^#!]*))(?P<end>!?)")
_COUNTED = re.compile(r"#[0-9]+\Z")
_SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What a tag says of a model."""

    model: str
    stage: str = ""  # empty: the tag names a version
    taken_back: bool = False


def read_promotion(tag: str) -> Promotion | None:
    """Return what a tag's name promotes, or None when it is another tag."""
    match = _TAG.fullmatch(_COUNTED.sub("", tag))
    if match is None:
        return Promotion(model="") if "#" in tag else None
    # A model of a folder is `folder=model`.
    return Promotion(
        model=match["name"].rpartition("=")[2],
        stage=match["stage"] or "",
        taken_back=bool(match["end"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededAttestation:
    """The attestation that a promotion needs."""

    model: str
    sha256: Sha256 | None  # of the model's bytes, as aigf.lock of the pushed commit knows them
    policy: Policy
    environments: tuple[str, ...]
    commit: str

    def why_missing(self, stored: Iterable[Stored]) -> str:
        """Return why none of some stored files will do, or nothing when one does.

        Nobody has checked a signature: who may attest is for `aigf verify` and its trust file.
        """
        if self.sha256 is None:
            return (
                f"the SHA-256 of {self.model} is not in aigf.lock of commit {self.commit[:_SHORT]}"
                " (`aigf capture` where its bytes are, then commit)"
            )
        claims = [read_unverified(item) for item in bundles(tuple(stored))]
        reasons = [self._why_not(claim) for claim in claims]
        if "" in reasons:
            return ""
        attest = (
            f"`aigf attest {self.model} --rev {self.commit[:_SHORT]}` makes one; or fetch what CI "
            "made: `aigf pull`"
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
