"""The verification of one bundle against one artifact, step by step."""

from collections.abc import Sequence

from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.expectations import judge_statement
from aigf_dvc.attestation.verification import (
    SignerFacts,
    Step,
    StepName,
    StepOutcome,
    Verification,
    complete,
)
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.model_evidence import ModelFile
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.open import AnySigner, verify_signature


def verify_bundle(
    bundle_bytes: bytes,
    *,
    artifact: Sequence[ModelFile],
    signer: AnySigner,
    demands: Demands,
) -> Verification:
    """Verify that the demanded signer attested this artifact, and said what is demanded.

    Args:
        bundle_bytes: one bundle; see `bundle.split_bundles` for files of several.
        artifact: the artifact's recomputed digests: one file under any name, or the files of a
            directory by their names relative to it.
        signer: who must have signed.
        demands: what the statement must say.

    Raises:
        InputError: the caller's own demands cannot be read; a bad bundle is a failed step.
    """
    try:
        bundle = parse_bundle(bundle_bytes)
    except RefusedError as error:
        return _ended(Step(name=StepName.BUNDLE, outcome=StepOutcome.FAILED, detail=str(error)))
    how = "a key" if bundle.certificate is None else "a certificate"
    first = Step(
        name=StepName.BUNDLE,
        outcome=StepOutcome.PASSED,
        detail=f"a Sigstore bundle, signed with {how}",
    )
    try:
        signature = verify_signature(bundle_bytes, signer)
    except (RefusedError, UndecidedError) as error:
        refused = isinstance(error, RefusedError)
        outcome = StepOutcome.FAILED if refused else StepOutcome.UNDECIDED
        return _ended(first, Step(name=StepName.SIGNATURE, outcome=outcome, detail=str(error)))
    second = Step(
        name=StepName.SIGNATURE, outcome=StepOutcome.PASSED, detail=_signed_by(signature.signer)
    )
    return judge_statement(
        signature.payload,
        artifact=artifact,
        demands=demands,
        signer=signature.signer,
        before=(first, second),
    )


def _signed_by(signer: SignerFacts) -> str:
    if signer.issuer is None:
        return f"the key {signer.name}"
    return f"{signer.name}, for whom {signer.issuer} vouches"


def _ended(*steps: Step) -> Verification:
    return Verification(steps=complete(steps))
