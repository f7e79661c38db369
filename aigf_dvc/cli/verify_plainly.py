"""Verifies a bundle of a file by a signer whom the options name, and nothing else is asked."""

import sys
from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.verify import candidates_from_file, exit_code, read_artifact, verify
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.cli.chosen_signer import signer_asked
from aigf_dvc.cli.options import reading_progress
from aigf_dvc.cli.verified import show_verified
from aigf_dvc.cli.verify_asked import Asked
from aigf_dvc.clock import now
from aigf_dvc.evidence.lineage import TrustLevel


def verify_plainly(asked: Asked) -> None:
    """Verify, show what came of it, and leave with the exit code."""
    signer = signer_asked(asked)
    bundle = asked.bundle or Path()
    found = candidates_from_file(read_file(bundle), where=str(bundle))
    with reading_progress() as progress:
        hashed = read_artifact(asked.artifact or Path(), progress=progress)
    demands = demanded(asked, min_trust=TrustLevel(asked.min_trust or "declared"))
    tried = verify(hashed, found, signer=signer, demands=demands)
    show_verified(tried, asked.form, asked.what, found, attesters=demands.attesters)
    sys.exit(exit_code(tried, attesters=demands.attesters))


def demanded(asked: Asked, *, min_trust: TrustLevel) -> Demands:
    """Return what the options alone demand of an attestation."""
    return Demands(
        at=now(),
        environment=asked.environment,
        policy_digests=frozenset(asked.digests) if asked.digests else None,
        any_policy=asked.any_policy,
        min_trust=min_trust,
        max_age=asked.max_age,
    )
