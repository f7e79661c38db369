"""Tells whose signatures an attestation rests on, beside its own."""

from collections.abc import Callable, Iterator, Mapping

from aigf_dvc.attestation.deployment import Deployment, EvidenceItem
from aigf_dvc.attestation.evidence_again import content_of
from aigf_dvc.attestation.lists.at_hand import UsedSigner
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.digests import Sha256
from aigf_dvc.signing.bundle import MEDIA_TYPE

Who = Callable[[bytes], SignerFacts | None]
"""Returns who signed a bundle; None: nobody whom the judge trusts."""


def used_signers(
    deployment: Deployment, beside: Mapping[Sha256, bytes], who: Who
) -> tuple[UsedSigner, ...]:
    """Return who signed the approvals, waivers, run records and verdicts that are carried.

    Args:
        deployment: the attestation.
        beside: evidence that lay beside the bundle, by its digest.
        who: returns the signer of a bundle, if the judge trusts them for anything at all.

    Raises:
        UndecidedError: one of them is named by its digest only, and is not at hand.
    """
    return tuple(_used(_signed(deployment), beside, who))


def _signed(deployment: Deployment) -> Iterator[EvidenceItem]:
    for item in (*deployment.approvals, *deployment.waivers, *deployment.evidence):
        if item.media_type == MEDIA_TYPE:
            yield item


def _used(
    items: Iterator[EvidenceItem], beside: Mapping[Sha256, bytes], who: Who
) -> Iterator[UsedSigner]:
    for item in items:
        facts = who(content_of(item, beside))
        if facts is not None:
            yield UsedSigner(role=f"who signed {item.name!r:.100}", facts=facts)
