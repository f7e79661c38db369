"""Tags that promote a model, as GTO writes them.

See: https://github.com/iterative/gto, gto/constants.py
"""

from msgspec import Struct

from aigf_dvc.lazy_pattern import lazy_pattern

# `model@v1.2.0` is a version and `model#prod#3` a stage; `!` takes either back. What only looks
# like one counts too: a typing error must not be the way around.
_TAG = lazy_pattern(
    r"(?P<name>[^@#]+)(?:@(?P<version>v?[0-9][^#]*?)|#(?P<stage>[^#!]*))(?P<end>!?)"
)
_COUNTED = lazy_pattern(r"#[0-9]+\Z")


class Promotion(Struct, frozen=True, kw_only=True):
    """What a tag says of a model."""

    model: str
    stage: str = ""  # empty: the tag names a version
    taken_back: bool = False


def read_promotion(tag: str) -> Promotion | None:
    """Return what a tag's name promotes, or None when it is another tag."""
    match = _TAG.fullmatch(_COUNTED.sub("", tag))
    if match is None:
        return Promotion(model="") if "#" in tag else None
    # A model of a folder is `folder=model`.
    return Promotion(
        model=match["name"].rpartition("=")[2],
        stage=match["stage"] or "",
        taken_back=bool(match["end"]),
    )
