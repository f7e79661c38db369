"""The option that says which container image a stage runs in."""

import click

from aigf_dvc.canonical import Json
from aigf_dvc.running.environment import stated_image


def _stated(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Json:
    return stated_image(value) if value else None


container_image_option = click.option(
    "--container-image", envvar="AIGF_CONTAINER_IMAGE", callback=_stated,
    metavar="REF@sha256:HEX",
    help="The image that this runs in: recorded as you state it. [env: AIGF_CONTAINER_IMAGE]",
)  # fmt: skip
