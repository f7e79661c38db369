"""The verification of one bundle against one artifact, step by step."""

from collections.abc import Iterable, Sequence

from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.expectations import ReadAttestation, judge_statement
from aigf_dvc.attestation.statement import read_attestation
from aigf_dvc.attestation.verification import (
    SignerFacts,
    Step,
    StepName,
    StepOutcome,
    Verification,
    complete,
)
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.attesters import AnyAttester, signatures
from aigf_dvc.signing.bundle import Bundle, read_bundle


def verify_bundle(
    bundle_bytes: bytes | memoryview,
    *,
    artifact: Sequence[ModelFile],
    signer: AnyAttester,
    demands: Demands,
    read: ReadAttestation = read_attestation,
) -> Verification:
    """Verify that the demanded signer attested this artifact, and said what is demanded.

    Args:
        bundle_bytes: one bundle; see `bundle.split_bundles` for files of several.
        artifact: the artifact's recomputed digests: one file under any name, or the files of a
            directory by their names relative to it.
        signer: who must have signed.
        demands: what the statement must say.
        read: reads the statement.

    Raises:
        InputError: the caller's own demands cannot be read; a bad bundle is a failed step.
    """
    try:
        bundle = read_bundle(bundle_bytes)
    except RefusedError as error:
        return _ended(Step(name=StepName.BUNDLE, outcome=StepOutcome.FAILED, detail=error.told))
    try:
        found = signatures(bundle, signer)
    except (RefusedError, UndecidedError) as error:
        first = _bundle_step(bundle, logged=False)
        refused = isinstance(error, RefusedError)
        outcome = StepOutcome.FAILED if refused else StepOutcome.UNDECIDED
        return _ended(first, Step(name=StepName.SIGNATURE, outcome=outcome, detail=error.told))
    first = _bundle_step(bundle, logged=found[0].signer.logged)
    outcomes = (
        judge_statement(
            signature.payload,
            artifact=artifact,
            demands=demands,
            signer=signature.signer,
            before=(first, _signature_step(signature.signer)),
            read=read,
        )
        for signature in found
    )
    return _best(outcomes)


def _best(outcomes: Iterable[Verification]) -> Verification:
    """Return the one that is accepted, or that got furthest: one line of a trust file is enough."""
    tried = []
    for outcome in outcomes:
        if outcome.accepted:
            return outcome
        tried.append(outcome)
    if len(tried) == 1:
        return tried[0]
    return max(tried, key=lambda outcome: outcome.steps_taken)


def _signature_step(signer: SignerFacts) -> Step:
    whose = f", of {signer.line.owner} ({signer.line.where})" if signer.line is not None else ""
    detail = f"{signed_by(signer)}{whose}"
    return Step(name=StepName.SIGNATURE, outcome=StepOutcome.PASSED, detail=detail)


def _bundle_step(bundle: Bundle, *, logged: bool) -> Step:
    detail = signed_with(bundle, logged=logged)
    return Step(name=StepName.BUNDLE, outcome=StepOutcome.PASSED, detail=detail)


def signed_with(bundle: Bundle, *, logged: bool) -> str:
    """Return the words for a bundle that is well formed.

    Args:
        bundle: as it was read.
        logged: whether its log entry was verified.
    """
    how = "a key" if bundle.certificate is None else "a certificate"
    unread = bundle.certificate is None and bundle.log_entries and not logged
    log = "; its log entry is not verified: a key is trusted without one" if unread else ""
    return f"a Sigstore bundle, signed with {how}{log}"


def signed_by(signer: SignerFacts) -> str:
    """Return the words for a signer."""
    if signer.issuer is None:
        return f"the key {signer.name}{', in a transparency log' if signer.logged else ''}"
    return f"{signer.name}, for whom {signer.issuer} vouches"


def _ended(*steps: Step) -> Verification:
    return Verification(steps=complete(steps))
