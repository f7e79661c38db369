"""Looks up who signed the clean runs that an attestation names."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.evidence_again import content_of
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.signed_reproduction import (
    SignedReproduction,
    by_the_attester,
    reproduced_by,
)
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.reproduction import parse_reproduction
from aigf_dvc.signing.reproducers import TrustedReproducers, find_reproduction
from aigf_dvc.stores.layout import BUNDLE, Store

Observe = Callable[[StatementHead, Deployment], Observation]


def reproduce_under(
    observe: Observe | None,
    reproducers: TrustedReproducers,
    *,
    beside: Mapping[Sha256, bytes],
    given: Iterable[bytes],
    stores: Sequence[Store],
) -> Observe:
    """Return the function that lets a clean run count only when one of the reproducers signed it.

    Args:
        observe: tells how far stages are trusted without clean runs; None: as attested.
        reproducers: whom the judge trusts.
        beside: evidence that lay beside the bundle, by its digest.
        given: bundles that the caller named.
        stores: where to look for more.
    """

    def reproduced(statement: StatementHead, deployment: Deployment) -> Observation:
        evidence = {item.sha256: item for item in deployment.evidence}

        def signed(digest: Sha256) -> SignedReproduction:
            item = evidence.get(digest)
            if item is None:
                raise RefusedError("the attestation carries no such clean run")
            record = parse_reproduction(content_of(item, beside), where="reproduction")
            stored = (one for store in stores for one in store.find(record.key))
            bundles = [*given, *(one.data for one in stored if one.ending == BUNDLE)]
            return find_reproduction(digest, bundles, reproducers)

        base = observe(statement, deployment) if observe else by_the_attester(deployment)
        manifest = content_of(deployment.lineage, beside)
        return reproduced_by(base, statement, deployment, manifest=manifest, signed=signed)

    return reproduced
