"""How people name a container image: `HOST/REPOSITORY@sha256:HEX`."""

import re

from msgspec import Struct

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern

FORM = "HOST/REPOSITORY@sha256:HEX"
DOCKER_HUB = "docker.io"
_HUBS = (DOCKER_HUB, "index.docker.io")  # the second one is its older name
_OFFICIAL = "library"  # where images without a namespace lie
_HOST = lazy_pattern(
    r"(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?\Z", re.ASCII
)
_PATH = lazy_pattern(
    r"(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@sha256:(?P<digest>[0-9a-f]{64}))?\Z",
    re.ASCII,
)
_ID = lazy_pattern(r"[0-9a-f]{64}\Z")  # of an image on somebody's machine: no name


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
    """Read what people write after `--image`, short names of Docker Hub too.

    Raises:
        InputError: no such name.

    Source: https://github.com/distribution/reference/blob/v0.6.0/normalize.go
    """
    host, path = _split(text)
    match = _PATH.match(path)
    if match is None or not _HOST.match(host) or _ID.match(match["repository"]):
        raise InputError(
            f"the image {text!r:.200}", expected=FORM,
            hint="the host stands first, such as registry.example.com/acme/scorer@sha256:4f1d...; "
            "without one it is an image of Docker Hub",
        )  # fmt: skip
    repository, digest = match["repository"], match["digest"]
    if host == DOCKER_HUB and "/" not in repository:
        repository = f"{_OFFICIAL}/{repository}"
    if digest is None:
        return TagReference(host=host, repository=repository, tag=match["tag"] or "latest")
    return ImageReference(host=host, repository=repository, digest=Sha256(digest))


def _split(text: str) -> tuple[str, str]:
    """Return the host and the rest, as Docker tells them apart."""
    first, slash, rest = text.partition("/")
    is_host = first == "localhost" or bool({".", ":"} & set(first)) or first != first.lower()
    if not slash or not is_host:
        return DOCKER_HUB, text
    return (DOCKER_HUB if first in _HUBS else first), rest
