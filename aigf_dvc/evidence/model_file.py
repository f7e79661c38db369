"""One file of a model."""

from dataclasses import dataclass

from aigf_dvc.digests import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model: a model is one file, or a directory of them."""

    name: str  # the path in the repository, `/` between the parts
    sha256: Sha256
