"""How people name a container image: `HOST/REPOSITORY@sha256:HEX`."""

import re

from msgspec import Struct

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern

FORM = "HOST/REPOSITORY@sha256:HEX"
_REFERENCE = lazy_pattern(
    r"(?P<host>localhost(?::[0-9]{1,5})?|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?"
    r"|[A-Za-z0-9-]+:[0-9]{1,5}|\[[0-9a-f:]+\](?::[0-9]{1,5})?)"
    r"/(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@sha256:(?P<digest>[0-9a-f]{64}))?\Z",
    re.ASCII,
)


class ImageReference(Struct, frozen=True, kw_only=True):
    """A container image by its digest; a tag beside it says nothing and is dropped."""

    host: str
    repository: str
    digest: Sha256

    @property
    def name(self) -> str:
        """Return the repository with its host."""
        return f"{self.host}/{self.repository}"

    def __str__(self) -> str:
        """Return the reference as people write it."""
        return f"{self.name}@sha256:{self.digest}"


class TagReference(Struct, frozen=True, kw_only=True):
    """A container image by a tag, which may be another image tomorrow."""

    host: str
    repository: str
    tag: str


def read_reference(text: str) -> ImageReference | TagReference:
    """Read what people write after `--image`.

    Raises:
        InputError: no such name.
    """
    match = _REFERENCE.match(text)
    if match is None:
        raise InputError(
            f"the image {text!r:.200}", expected=FORM,
            hint="the host stands first, such as registry.example.com/acme/scorer@sha256:4f1d...",
        )  # fmt: skip
    host, repository, digest = match["host"], match["repository"], match["digest"]
    if digest is None:
        return TagReference(host=host, repository=repository, tag=match["tag"] or "latest")
    return ImageReference(host=host, repository=repository, digest=Sha256(digest))
