"""Attests models that are in images, in this process: each program of its own costs a second."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aigf_dvc.actions.attest import Order
from aigf_dvc.actions.attest_image import Bound, attest_image
from aigf_dvc.images.reference import ImageReference, read_reference
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.oci_image import RegistryImages
from tests.playground import MODEL, Playground
from tests.signing.by_key import sign_statement

REPOSITORY = "acme/scorer"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReleaseKey:
    """Who attests."""

    private: PrivateKey
    public_pem: bytes

    @property
    def signer(self) -> KeySigner:
        return KeySigner(public_key=load_public_key(self.public_pem, where="key"))


def a_key() -> ReleaseKey:
    private, public = generate_key(None)
    return ReleaseKey(load_private_key(private, None, where="key"), public)


def model_of(playground: Playground) -> bytes:
    return (playground.root / MODEL).read_bytes()


def an_order(playground: Playground, key: ReleaseKey, *, environment: str | None = None) -> Order:
    return Order(
        project=playground.project,
        sign=lambda payload: sign_statement(payload, key.private),
        store=FolderStore(playground.root.parent / "store"),
        at=AT,
        environment=environment,
    )


def attest_in(
    playground: Playground,
    ref: str,
    key: ReleaseKey,
    *,
    platform: str | None = None,
    environment: str | None = None,
) -> tuple[Bound, ...]:
    """Attest every model of the project, in an image of a registry."""
    reference = read_reference(ref)
    assert isinstance(reference, ImageReference)
    return attest_image(
        an_order(playground, key, environment=environment),
        RegistryImages(reference.host, reference.repository),
        reference.digest,
        platform=platform,
    )
