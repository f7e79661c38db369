"""Signs and writes the judge's own summary of a verification."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from aigf_dvc.actions.judged_vsa import Judge, judged_vsa
from aigf_dvc.actions.verify import exit_code
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.cli.open_signer import open_signer
from aigf_dvc.cli.options import talk
from aigf_dvc.cli.vsa_options import VsaOptions
from aigf_dvc.policy.model import Policy

Write = Callable[[Sequence[Verification], Demands], None]
"""Signs and writes the summary of the accepted verification; nothing where none was accepted."""

_NO_PROJECT = Path("/dev/null")  # a folder's aigf.yaml agrees to no public log in the judge's name


def open_vsa(vsa: VsaOptions, policy: Policy | None, *, any_policy: bool) -> Write:
    """Return what writes the summary; the signer is opened before anything is verified.

    Raises:
        click.UsageError: no policy is to be checked.
        InputError: the signer cannot be opened.
    """
    output = vsa.output
    if output is None:
        return lambda _tried, _demands: None
    if any_policy:
        raise click.UsageError("--sign-vsa needs a policy: --policy or --policy-digest.")
    sign = open_signer(vsa.signing, _NO_PROJECT)
    judge = Judge(
        verifier=vsa.verifier,
        resource=vsa.resource,
        policy=policy.reference if policy is not None else None,
        policy_uri=vsa.policy_uri,
    )

    def write(tried: Sequence[Verification], demands: Demands) -> None:
        if exit_code(tried, attesters=demands.attesters) == 0:
            first, *others = [outcome for outcome in tried if outcome.accepted]
            write_atomically(output, sign(judged_vsa(first, judge, demands, others=others)))
            talk(f"signed your summary and wrote {output}")

    return write
