"""The bundles that a store keeps about an artifact."""

from aigf_dvc.actions.verify import Artifact, Candidates, may_be_deployment
from aigf_dvc.digests import sha256
from aigf_dvc.stores.layout import BUNDLE, Store


def candidates_from_store(store: Store, artifact: Artifact) -> Candidates:
    """Return the bundles that a store keeps about an artifact.

    Raises:
        InputError: the store cannot be read.
    """
    found = store.find(artifact.key)
    bundles = tuple(item.data for item in found if item.ending == BUNDLE)
    kept = tuple(data for data in bundles if may_be_deployment(data))
    return Candidates(
        bundles=kept,
        beside={sha256(item.data): item.data for item in found if item.ending != BUNDLE},
        place=store.place,
        others=tuple(data for data in bundles if data not in kept),
    )
