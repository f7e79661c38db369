"""The check of a signature as text for people and as JSON for machines; never as a verdict."""

from aigf_dvc.attestation.signature_only import NOTICE, SignatureCheck
from aigf_dvc.canonical import Json
from aigf_dvc.report.verification_text import end_text, signer_as_json, steps_as_json, steps_text
from aigf_dvc.report.visible import visible


def signature_text(check: SignatureCheck, *, artifact: str, color: bool) -> str:
    """Return the steps with what was found, and how little that says."""
    if check.verified and check.signer is not None:
        signer, named = visible(check.signer.name), visible(artifact)
        end = f"SIGNATURE VERIFIED, NOTHING ELSE: {named}\n  signed by {signer}"
    else:
        end = end_text(check.steps[-1], color=color)
    first, second = NOTICE.split(". ", 1)
    return f"{steps_text(check.steps, color=color)}\n\n{end}\n  {first}.\n  {second}\n"


def signature_as_json(check: SignatureCheck, *, artifact: str) -> Json:
    """Return all that a check found; there is no `accepted`, which would be a verdict."""
    return {
        "artifact": artifact,
        "signatureOnly": True,
        "signatureVerified": check.verified,
        "exitCode": check.exit_code,
        "notice": NOTICE,
        "steps": steps_as_json(check.steps),
        "signer": signer_as_json(check.signer),
        "predicateType": check.predicate_type,
    }
