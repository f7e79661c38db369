"""The bundles that a store keeps about an artifact."""

from aigf_dvc.actions.verify import Artifact, Candidates, part
from aigf_dvc.digests import sha256
from aigf_dvc.stores.layout import BUNDLE, Store


def candidates_from_store(store: Store, artifact: Artifact) -> Candidates:
    """Return the bundles that a store keeps about an artifact.

    Raises:
        InputError: the store cannot be read.
    """
    found = store.find(artifact.key)
    kept, others = part(item.data for item in found if item.ending == BUNDLE)
    return Candidates(
        bundles=kept,
        beside={sha256(item.data): item.data for item in found if item.ending != BUNDLE},
        place=store.place,
        others=others,
    )
