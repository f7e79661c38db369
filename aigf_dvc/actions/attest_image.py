"""Bind attested models to the container image that will be deployed, and attach all to it."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.attest import Attested, Order, attest
from aigf_dvc.actions.image_models import bound_model, find_model
from aigf_dvc.attestation.fields import TIME
from aigf_dvc.attestation.image_statement import BoundImage, BoundPlatform, image_statement
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.images.read import Image, read_image
from aigf_dvc.images.reference import FORM, ImageReference, TagReference
from aigf_dvc.images.source import Progress
from aigf_dvc.settings import ModelSettings
from aigf_dvc.shipped import version
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.stores.layout import BUNDLE, Stored
from aigf_dvc.stores.oci_image import RegistryImages


class Bound(Struct, frozen=True, kw_only=True):
    """One attested model and the statement that ties an image to it."""

    attested: Attested
    image: BoundImage | None = None  # None: the model did not pass
    bundles: tuple[bytes, ...] = ()  # of that statement: one for each who signs


def demand_digest(images: RegistryImages, reference: ImageReference | TagReference) -> Sha256:
    """Return the digest of a reference.

    Raises:
        InputError: it is a tag, which can be moved; the message says what it is now.
    """
    if isinstance(reference, ImageReference):
        return reference.digest
    now = images.digest_of_tag(reference.tag)
    known = f"it is {images.place}@sha256:{now} now" if now else "the registry has no such tag"
    raise InputError(
        f"the tag {reference.tag!r:.140} may be another image tomorrow", where=images.place,
        expected=FORM, hint=known,
    )  # fmt: skip


def attest_image(
    order: Order,
    images: RegistryImages,
    digest: Sha256,
    *,
    platform: str | None = None,
    progress: Progress | None = None,
) -> tuple[Bound, ...]:
    """Attest models that are in an image, and sign for each that it is there.

    Nothing is signed for a model that is not in the image. What is signed goes to the order's
    store and, together with the evidence beside it, to the registry as referrers of the image.

    Raises:
        RefusedError: a model is not in the image, or the image is not what its digests say.
        InputError, UndecidedError: the image or something of the project cannot be read.
    """
    image = read_image(images, digest, platform=platform, progress=progress)
    places: dict[str, tuple[BoundPlatform, ...]] = {}

    def demand(model: ModelSettings, files: tuple[ModelFile, ...]) -> None:
        places[model.name] = find_model(image, bound_model(model.name, model.path, files))

    attested = attest(replace(order, before_signing=demand))
    return tuple(_bind(order, images, image, item, places) for item in attested)


def _bind(
    order: Order,
    images: RegistryImages,
    image: Image,
    attested: Attested,
    places: Mapping[str, tuple[BoundPlatform, ...]],
) -> Bound:
    if attested.bundle is None:
        return Bound(attested=attested)
    verdict = attested.verdict
    bound = BoundImage(
        name=images.place,
        digest=image.digest,
        platforms=places[verdict.model],
        model=bound_model(verdict.model, attested.path, attested.files),
        attestation=sha256(parse_bundle(attested.bundle).payload),
        environment=attested.environment,
        policy=verdict.policy,
        issued_on=order.at,
        tool_version=version(),
    )
    payload = image_statement(bound)
    bundles = tuple(sign(payload) for sign in (order.sign, *order.cosigners))
    _attach(images, bound, bundles, attested.kept)
    return Bound(attested=attested, image=bound, bundles=bundles)


def _attach(
    images: RegistryImages, bound: BoundImage, bundles: Sequence[bytes], kept: Sequence[Stored]
) -> None:
    """Attach all that was signed, and the evidence, to the image and to that of each platform."""
    files = [*((BUNDLE, data) for data in bundles), *((item.ending, item.data) for item in kept)]
    for digest in bound.digests:
        items = tuple(Stored(model=digest, ending=ending, data=data) for ending, data in files)
        images.referrers_of(digest, lambda item: _annotations(bound, item)).add(items)


def _annotations(bound: BoundImage, item: Stored) -> Mapping[str, str]:
    """Return the annotations of a file: what people and registries show; nobody verifies them.

    See: https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
    """
    ours = {
        "org.opencontainers.image.created": bound.issued_on.strftime(TIME),
        "dev.aigf.model": bound.model.name,
        "dev.aigf.environment": bound.environment,
        "dev.aigf.policy": f"{bound.policy.id} {bound.policy.version}".strip(),
        "dev.aigf.policy.digest": f"sha256:{bound.policy.sha256}",
        "dev.aigf.verdict": "passed",
        "dev.aigf.tool": f"aigf-dvc {bound.tool_version}",
    }
    if item.ending != BUNDLE:
        return ours
    return ours | {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": read_statement(
            parse_bundle(item.data).payload
        ).predicate_type,
    }
