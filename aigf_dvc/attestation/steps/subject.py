"""Step: the artifact is the attested one, file by file."""

from aigf_dvc.attestation.matching import subject_differences
from aigf_dvc.attestation.steps.case import Case, Found, passed
from aigf_dvc.errors import RefusedError


def take(case: Case) -> Found:
    """Hold the recomputed digests against the subjects of the statement."""
    different = subject_differences(case.statement, case.deployment, case.artifact)
    if different:
        raise RefusedError("\n".join(different))
    if len(case.artifact) == 1:
        return passed(f"the artifact is sha256:{case.artifact[0].sha256}")
    return passed(f"all {len(case.artifact)} files are the attested ones")
