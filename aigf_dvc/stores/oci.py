"""Keeps attestations in an OCI registry, as referrers of what they are about.

Where a registry keeps no list of referrers, the specification lets clients keep one under a tag,
and clients that write at the same time lose each other's entries. So every attestation has a tag
of its own beside the list: what a list has lost is still found, and put back.

See: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.stores.layout import (
    BUNDLE,
    EVIDENCE,
    MAX_BYTES,
    Stored,
    Unreadable,
    demand_few,
    read_stored,
)
from aigf_dvc.stores.oci_credentials import find_credentials
from aigf_dvc.stores.oci_registry import INDEX, MANIFEST, Descriptor, Registry

_EMPTY = "application/vnd.oci.empty.v1+json"
_BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_EVIDENCE_TYPE = "application/vnd.aigf.evidence.v1"
_TYPES = {BUNDLE: _BUNDLE_TYPE, EVIDENCE: _EVIDENCE_TYPE}
_ENDINGS = {
    _BUNDLE_TYPE: BUNDLE,
    "application/vnd.dev.sigstore.bundle+json;version=0.3": BUNDLE,
    _EVIDENCE_TYPE: EVIDENCE,
}
BUNDLE_TYPES = tuple(kind for kind, ending in _ENDINGS.items() if ending == BUNDLE)
EVIDENCE_TYPES = (_EVIDENCE_TYPE,)
_ADDRESS = lazy_pattern(
    r"oci://(?P<host>(?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?)"
    r"/(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)\Z"
)
_OWN_TAG = lazy_pattern(r"sha256-([0-9a-f]{64})\.aigf-([0-9a-f]{40})\Z")
_TRIES = 5


def open_oci(text: str) -> "OciStore":
    """Open `oci://HOST[:PORT]/REPOSITORY`.

    Raises:
        InputError: no such address.
    """
    match = _ADDRESS.match(text)
    if match is None:
        raise InputError(
            f"the store {text!r}", expected="oci://HOST[:PORT]/REPOSITORY, without a tag"
        )
    host = match["host"]
    return OciStore(text, Registry(host, match["repository"], find_credentials(host)))


def _no_annotations(_item: Stored) -> Mapping[str, str]:
    return {}


class Attach(Struct, frozen=True, kw_only=True):
    """What the files are attached to, and the annotations of each: for people and other tools."""

    subject: Descriptor | None = None  # None: the model, by its digest
    annotations: Callable[[Stored], Mapping[str, str]] = _no_annotations


class OciStore:
    """The attestations in one repository of a registry."""

    def __init__(self, place: str, registry: Registry, *, attach: Attach | None = None) -> None:
        """Take the repository; nothing is asked yet.

        Args:
            place: what people call it.
            registry: one repository of it.
            attach: how to refer to what is there itself, such as an image; None: to a model,
                which a registry does not have.
        """
        self._place = place
        self._registry = registry
        self._attach = attach or Attach()

    @property
    def place(self) -> str:
        """What people call it."""
        return self._place

    def add(self, items: tuple[Stored, ...]) -> None:
        """Keep some files; ones that are there already stay.

        Raises:
            InputError, UndecidedError: the registry refuses, or does not answer.
        """
        listed = True
        for item in items:
            manifest = self._manifest(item)
            listed &= self._registry.put(manifest, _own_tag(item.model, manifest))
        if not listed:
            for model in dict.fromkeys(item.model for item in items):
                self._mend_list(model)

    def find(self, model: Sha256) -> tuple[Stored, ...]:
        """Return every file about a model, sorted by name; what is no file of ours is left out.

        Raises:
            InputError, UndecidedError: the registry refuses, or does not answer.
        """
        found = (self._read(model, digest) for digest in self._digests(model))
        return tuple(sorted((item for item in found if item is not None), key=lambda i: i.name))

    def all(self) -> Iterator[Stored | Unreadable]:
        """Yield every file that has a tag of ours, model by model.

        Raises:
            InputError, UndecidedError: the registry refuses or does not answer, or has too many.
        """
        tags = sorted(tag for tag in self._registry.tags() if _OWN_TAG.match(tag))
        demand_few(tags, where=self._place)
        for tag in tags:
            model = Sha256(tag.removeprefix("sha256-").partition(".")[0])
            yield self._read(model, tag) or Unreadable(name=tag)

    def _manifest(self, item: Stored) -> dict[str, Json]:
        media_type = _TYPES[item.ending]
        config = self._registry.blob(b"{}", _EMPTY)
        layer = self._registry.blob(item.data, media_type).as_json()
        # `oras pull` writes only layers that have a file name.
        name = item.name.rpartition("/")[2]
        titled: Json = {**layer, "annotations": {"org.opencontainers.image.title": name}}
        subject = self._attach.subject or _subject(item.model)
        noted = self._attach.annotations(item)
        return {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": media_type,
            "config": config.as_json(),
            "layers": [titled],
            "subject": subject.as_json(),
            **({"annotations": dict(noted)} if noted else {}),
        }

    def _digests(self, model: Sha256) -> Iterable[str]:
        """Return the references of every manifest that may be about a model."""
        digest = f"sha256:{model}"
        listed = self._registry.referrers(digest)
        if listed is None:
            listed = self._own_list(model)
        named = [str(item.get("digest")) for item in listed]
        known = {f"sha256-{model}.aigf-{d.removeprefix('sha256:')[:40]}" for d in named}
        tags = [tag for tag in self._registry.tags() if tag.startswith(f"sha256-{model}.aigf-")]
        lost = [tag for tag in tags if tag not in known]
        return [*(d for d in named if as_sha256(d.removeprefix("sha256:"))), *lost]

    def _own_list(self, model: Sha256) -> list[Mapping[str, Json]]:
        """Return the list that clients keep under a tag."""
        found = self._registry.manifest(f"sha256-{model}")
        manifests = found[0].get("manifests") if found is not None else None
        return (
            [item for item in manifests if isinstance(item, dict)]
            if isinstance(manifests, list)
            else []
        )

    def _mend_list(self, model: Sha256) -> None:
        """Put what has a tag of its own into the list; others may be writing it, too."""
        for _ in range(_TRIES):
            listed = self._own_list(model)
            missing = [
                entry
                for entry in self._tagged(model)
                if all(item.get("digest") != entry["digest"] for item in listed)
            ]
            if not missing:
                return
            index: dict[str, Json] = {
                "schemaVersion": 2,
                "mediaType": INDEX,
                "manifests": [*(dict(item) for item in listed), *missing],
            }
            self._registry.put(index, f"sha256-{model}")

    def _tagged(self, model: Sha256) -> Iterator[dict[str, Json]]:
        for tag in self._registry.tags():
            if not tag.startswith(f"sha256-{model}.aigf-"):
                continue
            found = self._registry.manifest(tag)
            if found is not None:
                manifest, digest = found
                noted = manifest.get("annotations")
                yield {
                    "mediaType": MANIFEST,
                    "digest": digest,
                    "size": len(dumps(dict(manifest))),
                    "artifactType": manifest.get("artifactType"),
                    **({"annotations": noted} if noted else {}),
                }

    def _read(self, model: Sha256, reference: str) -> Stored | None:
        """Return the file that a manifest is about, or None for what is no file of ours."""
        found = self._registry.manifest(reference)
        layer = _only_layer(found[0], model) if found is not None else {}
        # What an index says of a manifest is not believed: cosign writes it wrongly at times.
        ending = _ENDINGS.get(str(layer.get("mediaType")))
        data = (
            self._registry.read_blob(str(layer.get("digest")), most=MAX_BYTES) if ending else None
        )
        if ending is None or data is None:
            return None
        return read_stored(f"{model}/{sha256(data)}{ending}", data)


def _only_layer(manifest: Mapping[str, Json], model: Sha256) -> Mapping[str, Json]:
    """Return the one layer of a manifest about a model; empty when it is not such a manifest."""
    subject, layers = manifest.get("subject"), manifest.get("layers")
    if not isinstance(subject, dict) or subject.get("digest") != f"sha256:{model}":
        return {}
    layer = layers[0] if isinstance(layers, list) and len(layers) == 1 else None
    return layer if isinstance(layer, dict) else {}


def _subject(model: Sha256) -> Descriptor:
    """Return the descriptor of a model; a registry need not have what is referred to."""
    return Descriptor(media_type=MANIFEST, digest=f"sha256:{model}", size=0)


def _own_tag(model: Sha256, manifest: Mapping[str, Json]) -> str:
    return f"sha256-{model}.aigf-{sha256(dumps(dict(manifest)))[:40]}"
