"""A container image in a registry: its bytes to read, and the files that refer to it.

The image itself is never changed: what is said of it is attached as OCI 1.1 referrers.
"""

from collections.abc import Callable, Iterator, Mapping

from aigf_dvc.canonical import loads
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.stores.layout import Stored
from aigf_dvc.stores.oci import Attach, OciStore
from aigf_dvc.stores.oci_credentials import find_credentials
from aigf_dvc.stores.oci_registry import INDEX, MANIFEST, Descriptor, Registry


class RegistryImages:
    """The images of one repository of a registry."""

    def __init__(self, host: str, repository: str) -> None:
        """Take an address; nothing is asked yet."""
        self.place = f"{host}/{repository}"
        self._registry = Registry(host, repository, find_credentials(host))

    def manifest(self, digest: Sha256) -> bytes:
        """Return the bytes of a manifest or index.

        Raises:
            InputError: it is not there, or the registry refuses.
            UndecidedError: the registry does not answer, or with other bytes.
        """
        data = self._registry.manifest_bytes(f"sha256:{digest}")
        if data is None:
            raise InputError(
                f"no image sha256:{digest}", where=self.place, expected="an image that was pushed"
            )
        return data

    def blob(self, digest: Sha256) -> Iterator[bytes]:
        """Yield the bytes of a blob; nobody has looked whether they have this digest.

        Raises:
            InputError: it is not there, or the registry refuses.
            UndecidedError: the registry does not answer, or breaks off.
        """
        return self._registry.stream_blob(f"sha256:{digest}")

    def digest_of_tag(self, tag: str) -> Sha256 | None:
        """Return the digest that a tag has now, or None when there is no such tag."""
        data = self._registry.manifest_bytes(tag)
        return sha256(data) if data is not None else None

    def referrers_of(
        self,
        digest: Sha256,
        annotations: Callable[[Stored], Mapping[str, str]] | None = None,
    ) -> OciStore:
        """Return the files that refer to an image, as a store; it has them under its digest.

        Raises:
            InputError, UndecidedError: the image is not there, or cannot be asked for.
        """
        subject = self._descriptor(digest)
        attach = Attach(subject=subject, annotations=annotations) if annotations else None
        return OciStore(f"oci://{self.place}", self._registry, attach=attach)

    def _descriptor(self, digest: Sha256) -> Descriptor:
        data = self.manifest(digest)
        found = loads(data, where=f"sha256:{digest}")
        keys = found if isinstance(found, Mapping) else {}
        default = INDEX if "manifests" in keys else MANIFEST
        kind = keys.get("mediaType")
        return Descriptor(
            media_type=kind if isinstance(kind, str) else default,
            digest=f"sha256:{digest}",
            size=len(data),
        )
