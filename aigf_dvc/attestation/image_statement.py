"""The statement that ties a container image to a deployment attestation.

Whoever signs it says: exactly these model files are in exactly this image, at these paths, once all
its layers are applied, and they are the ones that the deployment statement with this digest speaks
of. The subjects are the manifests of the image, so that any verifier of images can look it up.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from aigf_dvc.attestation.deployment import ModelKind, Statement
from aigf_dvc.attestation.fields import TIME, Fields
from aigf_dvc.attestation.predicate import TOOL
from aigf_dvc.attestation.statement import statement_bytes
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import PolicyReference, Result

IMAGE = "https://aigf-dvc.readthedocs.io/predicates/image/v1"
"""The predicate type."""


class BoundPlatform(Struct, frozen=True, kw_only=True):
    """An image for one platform, and where the model is in it."""

    platform: str
    digest: Sha256  # of its manifest
    paths: tuple[str, ...]  # of each copy of the file; of a directory model, of the directory


class BoundModel(Struct, frozen=True, kw_only=True):
    """The model that is in the image."""

    name: str
    kind: ModelKind
    files: tuple[ModelFile, ...]  # named as in the directory; a single file by its own name


class BoundImage(Struct, frozen=True, kw_only=True):
    """What is said of an image."""

    name: str  # the repository with its host, as it was when this was signed
    digest: Sha256  # of the manifest, or of the index when there are several platforms
    platforms: tuple[BoundPlatform, ...]
    model: BoundModel
    attestation: Sha256  # of the statement of the deployment attestation, as it was signed
    environment: str
    policy: PolicyReference
    issued_on: datetime  # UTC, whole seconds
    tool_version: str

    @property
    def digests(self) -> tuple[Sha256, ...]:
        """Return the digests of the image and of its platforms, each once."""
        return tuple(dict.fromkeys((self.digest, *(p.digest for p in self.platforms))))


def image_statement(bound: BoundImage) -> bytes:
    """Return the statement as the bytes to sign; equal input gives equal bytes.

    Raises:
        RefusedError: it would not be read again.
    """
    predicate: dict[str, Json] = {
        "image": {
            "ref": f"{bound.name}@sha256:{bound.digest}",
            "digest": {"sha256": bound.digest},
            "platforms": [
                {"platform": p.platform, "digest": {"sha256": p.digest}, "paths": list(p.paths)}
                for p in bound.platforms
            ],
        },
        "model": {
            "name": bound.model.name,
            "kind": bound.model.kind,
            "files": {file.name: {"sha256": file.sha256} for file in bound.model.files},
        },
        "attestation": {"digest": {"sha256": bound.attestation}},
        "environment": bound.environment,
        "verdict": Result.PASSED,
        "policy": {
            "id": bound.policy.id,
            "version": bound.policy.version,
            "digest": {"sha256": bound.policy.sha256},
        },
        "issuedOn": bound.issued_on.astimezone(UTC).strftime(TIME),
        "tool": {"name": TOOL, "version": bound.tool_version},
    }
    subjects = _subjects(bound)
    payload = statement_bytes(IMAGE, subjects, predicate)
    read_image_statement(Statement(predicate_type=IMAGE, subjects=subjects, predicate=predicate))
    return payload


def read_image_statement(statement: Statement) -> BoundImage:
    """Read what a statement says of an image, strictly.

    Raises:
        RefusedError: another predicate, a value that is missing or has another form, or subjects
            that are not the manifests which the predicate names.
    """
    if statement.predicate_type != IMAGE:
        raise RefusedError(
            f"{statement.predicate_type!r:.200}", where="statement.predicateType", expected=IMAGE
        )
    top = Fields.of(dict(statement.predicate), "predicate")
    image, policy = top.mapping("image"), top.mapping("policy")
    if top.text("verdict") != Result.PASSED:
        raise RefusedError(
            f"{top.text('verdict')!r:.100}", where=top.at("verdict"), expected=Result.PASSED
        )
    digest = image.sha256("digest")
    name, at, named = image.text("ref").rpartition("@")
    if not (name and at) or named != f"sha256:{digest}":
        raise RefusedError(
            f"{image.text('ref')!r:.200}", where=image.at("ref"), expected=f"...@sha256:{digest}"
        )
    bound = BoundImage(
        name=name,
        digest=digest,
        platforms=tuple(_read_platform(item) for item in image.objects("platforms")),
        model=_read_model(top.mapping("model")),
        attestation=top.mapping("attestation").sha256("digest"),
        environment=top.text("environment"),
        policy=PolicyReference(
            id=policy.any_text("id"),
            version=policy.any_text("version"),
            sha256=policy.sha256("digest"),
        ),
        issued_on=top.time("issuedOn"),
        tool_version=top.mapping("tool").text("version"),
    )
    _expect_subjects(statement, bound)
    return bound


def _subjects(bound: BoundImage) -> tuple[ModelFile, ...]:
    """Return the image under its repository's name, and the image of each platform beside it."""
    own, *others = bound.digests
    platforms = (ModelFile(name=f"{bound.name}@sha256:{d}", sha256=d) for d in others)
    return (ModelFile(name=bound.name, sha256=own), *platforms)


def _expect_subjects(statement: Statement, bound: BoundImage) -> None:
    if not bound.platforms:
        raise RefusedError("no platform", where="predicate.image.platforms", expected="one")
    found = [subject.sha256 for subject in statement.subjects]
    if sorted(found) != sorted(bound.digests):
        raise RefusedError(
            "other subjects", where="statement.subject",
            expected="the manifests that predicate.image names",
        )  # fmt: skip


def _read_platform(item: Fields) -> BoundPlatform:
    paths = item.texts("paths")
    if not paths or not all(path.startswith("/") for path in paths):
        raise RefusedError(
            "no path", where=item.at("paths"), expected="one at least, from the image's root"
        )
    return BoundPlatform(
        platform=item.text("platform"), digest=item.sha256("digest"), paths=_once(paths)
    )


def _read_model(model: Fields) -> BoundModel:
    text, files = model.text("kind"), model.mapping("files")
    if text not in tuple(ModelKind):
        raise RefusedError(
            f"{text!r:.100}", where=model.at("kind"), expected=" or ".join(ModelKind)
        )
    kind = ModelKind(text)
    found = tuple(ModelFile(name=name, sha256=files.sha256(name)) for name in sorted(files.values))
    if not found or (kind is ModelKind.FILE and len(found) != 1):
        raise RefusedError(f"{len(found)} files", where=model.at("files"), expected="the model's")
    return BoundModel(name=model.text("name"), kind=kind, files=found)


def _once(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(paths)))
