"""The command that verifies what was just signed, for whoever signed it to hand on."""

import shlex

from aigf_dvc.actions.attest import Attested
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.signing.bundle import parse_bundle

_ASSUMED = "production"  # what `aigf verify` judges for without --environment


def how_to_verify(item: Attested, bundle: bytes, *, what: str, signing: SignerOptions) -> str:
    """Return the command, with words in capitals for the files that a judge must have.

    Args:
        item: what was attested.
        bundle: its attestation.
        what: the arguments that name the model and where its attestation is.
        signing: what the signer said about themselves.
    """
    options = f"{_signer(bundle, signing)} --policy-digest sha256:{item.verdict.policy.sha256}"
    if item.environment != _ASSUMED:
        options += f" --environment {shlex.quote(item.environment)}"
    if item.signed_by_others:
        options += " --trust FILE"
    return f"aigf verify {what} \\\n  {options}"


def _signer(bundle: bytes, signing: SignerOptions) -> str:
    """Return the options by which a judge names whoever signed a bundle."""
    signed = parse_bundle(bundle)
    if signed.certificate is None:
        return "--key PUBLIC.pub"
    if not signed.log_entries:
        return "--identity ID --certificate-authority CA.pem --timestamp-authority TSA.pem"
    own_instance = signing.trust_config or signing.tuf_url or signing.tuf_root
    root = " --trusted-root ROOT.json" if own_instance else ""
    return f"--identity ID --issuer URL{root}"
