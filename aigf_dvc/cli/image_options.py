"""The options that name the container image which will be deployed."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.options import FILE, with_options

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name
_FORM = "HOST/REPO@sha256:HEX"


class ImageOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about the image."""

    image: str | None = None
    platform: str | None = None
    layout: Path | None = None
    model: str | None = None

    def __bool__(self) -> bool:
        """Tell whether the caller named an image."""
        return self.image is not None


def attested_image_options(command: _Command) -> Callable[..., Any]:
    """Add `--image` and `--platform`; the command gets them as `image`, an ImageOptions."""
    return _gathered(command, _IMAGE, _PLATFORM)


def judged_image_options(command: _Command) -> Callable[..., Any]:
    """Add the options of an image to verify; the command gets them as `image`."""
    return _gathered(command, _JUDGED_IMAGE, _LAYOUT, _PLATFORM, _MODEL)


def _gathered(
    command: Callable[..., Any], *options: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[..., Any]:
    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        image = ImageOptions(
            image=given.pop("image"),
            platform=given.pop("platform"),
            layout=given.pop("image_layout", None),
            model=given.pop("image_model", None),
        )
        if not image and (image.platform or image.layout or image.model):
            raise click.UsageError("--platform, --image-layout and --image-model go with --image.")
        return command(image=image, **given)

    return with_options(gathered, options)


_IMAGE = click.option(
    "--image", metavar=_FORM,
    help="The container image that will be deployed: the model must be in its layers, and what is "
    "signed is attached to it.",
)  # fmt: skip
_JUDGED_IMAGE = click.option(
    "--image", metavar=_FORM,
    help="Not a file: the model that is in this container image, read out of its layers.",
)  # fmt: skip
_LAYOUT = click.option(
    "--image-layout", type=FILE, metavar="DIR",
    help="The image and what is attached to it lie in this OCI layout; no network is used.",
)  # fmt: skip
_PLATFORM = click.option(
    "--platform", metavar="OS/ARCH", help="Of an image for several platforms, only this one."
)
_MODEL = click.option(
    "--image-model", metavar="NAME", help="Of an image with several models, this one."
)
