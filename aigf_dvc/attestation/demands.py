"""What a judge demands of a deployment attestation."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.lists.at_hand import ReleaseCheck, RevocationCheck
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.upheld import ConsentAgain
from aigf_dvc.attestation.upstream import UpstreamLink
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.verdict import Verdict


class Demands(Struct, frozen=True, kw_only=True):
    """What a judge wants of a deployment attestation."""

    at: datetime  # the judge's clock, UTC
    environment: str | None = None  # None: any
    policy_digests: frozenset[Sha256] | None = None  # the accepted policies
    judge: Callable[[StatementHead, Deployment], Verdict] | None = None  # again, by its own policy
    any_policy: bool = False  # said aloud: the policy is not to be checked
    min_trust: TrustLevel = TrustLevel.DECLARED
    observe: Callable[[StatementHead, Deployment], Observation] | None = None  # None: as attested
    max_age: timedelta | None = None  # None: any age
    consent: Callable[[StatementHead, Deployment], ConsentAgain] | None = (
        None  # None: trusts nobody
    )
    upstream: Callable[[Deployment], Sequence[UpstreamLink]] | None = None  # looks upstream
    revocation: RevocationCheck | None = None  # None: no lists were given
    revocation_required: bool = False  # undecided when no list can tell; else it is only told
    release: ReleaseCheck | None = None  # None: no release index was given
    release_required: bool = False  # as above
    attesters: int = 1  # how many different owners must attest
    source_repositories: tuple[str, ...] = ()  # exact or patterns: the source must match each
    upstream_required: bool = False  # every link must be attested; else they are only told
    walk: Callable[[StatementHead, Deployment], str] | None = None  # walks the lineage again
