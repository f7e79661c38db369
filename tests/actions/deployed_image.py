"""An image with an attested model in a registry, and what tests do with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from aigf_dvc.actions.attest_image import Bound
from aigf_dvc.actions.verify import Candidates, exit_code, verify
from aigf_dvc.actions.verify_image import (
    ImageQuestion,
    Located,
    attached_in_registry,
    locate,
)
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.image_statement import BoundImage, image_statement
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.digests import Sha256
from aigf_dvc.signing.attesters import Attesters, attesters_of
from aigf_dvc.signing.trusted import open_trust
from aigf_dvc.stores.layout import BUNDLE, Stored
from aigf_dvc.stores.oci_image import RegistryImages
from tests.actions.image_attesting import (
    AT,
    REPOSITORY,
    ReleaseKey,
)
from tests.images.builder import Images
from tests.images.pushed import push
from tests.playground import Playground
from tests.signing.by_key import sign_statement
from tests.stores.registries import ListingRegistry

TRUST = "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: judges\n"


@dataclass(frozen=True, slots=True)
class Deployed:
    """An image with its model and statements, in a registry."""

    playground: Playground
    registry: ListingRegistry
    host: str
    key: ReleaseKey
    images: Images
    digest: Sha256
    ref: str
    bound: Bound

    @property
    def place(self) -> RegistryImages:
        return RegistryImages(self.host, REPOSITORY)

    @property
    def said(self) -> BoundImage:
        assert self.bound.image is not None
        return self.bound.image

    def push(self, *layers: bytes) -> Sha256:
        digest = self.images.image(*layers)
        push(self.images, self.host, REPOSITORY, digest)
        return digest

    def attach(self, digest: Sha256, *bundles: bytes | None) -> None:
        items = (Stored(model=digest, ending=BUNDLE, data=data) for data in bundles if data)
        self.place.referrers_of(digest).add(tuple(items))

    def signed(self, key: ReleaseKey | None = None, **changes: Any) -> bytes:  # noqa: ANN401  # fields by name
        """Return another statement about an image, signed."""
        payload = image_statement(replace(self.said, **changes))
        return sign_statement(payload, (key or self.key).private)

    def question(self, **changes: Any) -> ImageQuestion:  # noqa: ANN401  # fields by name
        asked = ImageQuestion(
            digest=self.digest, signer=self.key.signer, at=AT, environment="production"
        )
        return replace(asked, **changes)

    def locate(self, found: Candidates | None = None, **changes: Any) -> Located:  # noqa: ANN401  # fields by name
        return locate(
            self.place,
            lambda digests: found or attached_in_registry(self.place, digests),
            self.question(**changes),
        )

    def verified(self, located: Located, key: ReleaseKey | None = None) -> int:
        demands = Demands(at=AT, environment="production", any_policy=True)
        artifact, candidates = located.sought
        signer = (key or self.key).signer
        return exit_code(verify(artifact, candidates, signer=signer, demands=demands))

    def only(self, *bundles: bytes | None) -> Candidates:
        return Candidates(bundles=tuple(b for b in bundles if b), beside={}, place="here")


def written_key(deployed: Deployed, tmp_path: Path) -> str:
    path = tmp_path / "release.pub"
    path.write_bytes(deployed.key.public_pem)
    return str(path)


def by_a_line(deployed: Deployed, means: str) -> Attesters:
    text = f"{TRUST}services: {{release: {means}}}\nroles: {{attest: [release]}}\n"
    trust = read_trust(text.encode(), where="trust.yaml")
    return attesters_of(open_trust(trust, lambda _: deployed.key.public_pem))
