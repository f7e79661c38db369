"""One file of a model."""

from msgspec import Struct

from aigf_dvc.digests import Sha256


class ModelFile(Struct, frozen=True, kw_only=True):
    """One file of a model: a model is one file, or a directory of them."""

    name: str  # the path in the repository, `/` between the parts
    sha256: Sha256
