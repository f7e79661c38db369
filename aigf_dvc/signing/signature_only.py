"""The verification of a signature about an artifact, and of nothing that it says."""

from collections.abc import Mapping

from aigf_dvc.attestation.signature_only import (
    SignatureCheck,
    check_blob,
    check_statement,
    failed_step,
    passed_step,
)
from aigf_dvc.attestation.verification import Step, StepName, StepOutcome
from aigf_dvc.digests import Sha2
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.signing.bundle import parse_any_bundle
from aigf_dvc.signing.open import AnySigner, verify_any_signature
from aigf_dvc.signing.verify import signed_by, signed_with


def verify_signature_only(
    bundle_bytes: bytes, *, digests: Mapping[Sha2, bytes], signer: AnySigner
) -> SignatureCheck:
    """Verify that the demanded signer signed an artifact, or a statement about it.

    Args:
        bundle_bytes: one bundle.
        digests: of the artifact, recomputed.
        signer: who must have signed.

    Raises:
        InputError: the caller's own demands cannot be read; a bad bundle is a failed step.
    """
    try:
        bundle = parse_any_bundle(bundle_bytes)
    except RefusedError as error:
        return SignatureCheck(steps=(failed_step(StepName.BUNDLE, error),))
    first = passed_step(StepName.BUNDLE, signed_with(bundle, logged=False))
    try:
        signature = verify_any_signature(bundle, signer)
    except RefusedError as error:
        return SignatureCheck(steps=(first, failed_step(StepName.SIGNATURE, error)))
    except UndecidedError as error:
        last = Step(name=StepName.SIGNATURE, outcome=StepOutcome.UNDECIDED, detail=str(error))
        return SignatureCheck(steps=(first, last))
    facts = signature.signer
    first = passed_step(StepName.BUNDLE, signed_with(bundle, logged=facts.logged))
    before = (first, passed_step(StepName.SIGNATURE, signed_by(facts)))
    if bundle.blob is None:
        return check_statement(signature.payload, digests, before=before, signer=facts)
    blob = bundle.blob
    return check_blob(blob.algorithm, blob.digest, digests, before=before, signer=facts)
