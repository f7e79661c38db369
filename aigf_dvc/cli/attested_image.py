"""Opens the image that attested models are bound to, and says what was signed and attached."""

from aigf_dvc.actions.attest import Order
from aigf_dvc.actions.attest_image import Bound, attest_image, demand_digest
from aigf_dvc.canonical import Json
from aigf_dvc.cli.image_options import ImageOptions
from aigf_dvc.cli.options import talk
from aigf_dvc.images.reference import read_reference
from aigf_dvc.report.visible import visible
from aigf_dvc.stores.oci_image import RegistryImages


def attest_in_image(order: Order, options: ImageOptions) -> tuple[Bound, ...]:
    """Attest models that are in an image, and bind the image to them.

    Raises:
        RefusedError: a model is not in the image.
        InputError, UndecidedError: the image or something of the project cannot be read.
    """
    reference = read_reference(options.image or "")
    images = RegistryImages(reference.host, reference.repository)
    digest = demand_digest(images, reference)
    return attest_image(order, images, digest, platform=options.platform, progress=order.progress)


def talk_of_image(bound: Bound | None) -> str:
    """Say where a model is in the image; return what names the image to verify, if there is one."""
    if bound is None or bound.image is None:
        return ""
    image = bound.image
    for platform in image.platforms:
        for path in platform.paths:
            talk(visible(f"{image.model.name}: at {path} of the image ({platform.platform})"))
    name = f"{image.name}@sha256:{image.digest}"
    talk(visible(f"{image.model.name}: attached to {name}"))
    return f"--image {name}"


def image_as_json(bound: Bound | None) -> dict[str, Json]:
    """Return what was signed of an image under a key of its own; nothing where nothing was."""
    if bound is None or bound.image is None:
        return {}
    image: Json = {
        "name": bound.image.name,
        "digest": {"sha256": bound.image.digest},
        "platforms": [
            {"platform": p.platform, "digest": {"sha256": p.digest}, "paths": list(p.paths)}
            for p in bound.image.platforms
        ],
    }
    return {"image": image}
