"""Step: the commit that the statement names is the one that the certificate names."""

from aigf_dvc.attestation.matching import source_differences
from aigf_dvc.attestation.speaking import source_refusals
from aigf_dvc.attestation.steps.case import Case, Found, passed, skipped
from aigf_dvc.attestation.verification import SignerKind
from aigf_dvc.errors import RefusedError


def take(case: Case) -> Found:
    """Hold the attested source against the certificate's, and both against the trust file."""
    signer, demanded = case.signer, case.demands.source_repositories
    refused = source_refusals(case.deployment.source, signer, demanded)
    if refused:
        raise RefusedError("; ".join(refused))
    if signer.kind is SignerKind.KEY and demanded:
        return passed(f"by the attester's word {case.deployment.source.uri!r:.200}, as demanded")
    if signer.kind is SignerKind.KEY:
        return skipped("a key says nothing about the source")
    named = [signer.source_repository, signer.source_digest, signer.source_ref]
    if not any(named):
        return skipped("the certificate says nothing about the source")
    different = source_differences(case.deployment.source, signer)
    if different:
        raise RefusedError("the statement says " + "; ".join(different))
    return passed("as the certificate says: " + ", ".join(filter(None, named)))
