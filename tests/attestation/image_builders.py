"""Builds what is said of an image, for tests."""

from datetime import UTC, datetime

from msgspec.structs import replace

from aigf_dvc.attestation.deployment import ModelKind
from aigf_dvc.attestation.image_statement import BoundImage, BoundModel, BoundPlatform
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import PolicyReference

AMD, ARM, INDEX = sha256(b"amd"), sha256(b"arm"), sha256(b"index")


def a_bound_image(**changes: object) -> BoundImage:
    bound = BoundImage(
        name="registry.example/acme/scorer",
        digest=AMD,
        platforms=(BoundPlatform(platform="linux/amd64", digest=AMD, paths=("/app/model.bin",)),),
        model=BoundModel(
            name="scorer",
            kind=ModelKind.FILE,
            files=(ModelFile(name="model.bin", sha256=sha256(b"model")),),
        ),
        attestation=sha256(b"deployment"),
        environment="production",
        policy=PolicyReference(id="baseline", version="1", sha256=sha256(b"policy")),
        issued_on=datetime(2026, 11, 26, 12, tzinfo=UTC),
        tool_version="1",
    )
    return replace(bound, **changes)  # fields by name


def for_two_platforms() -> BoundImage:
    both = (("linux/amd64", AMD), ("linux/arm64", ARM))
    platforms = (
        BoundPlatform(platform=name, digest=digest, paths=("/app/net",)) for name, digest in both
    )
    files = (ModelFile(name=name, sha256=sha256(name.encode())) for name in ("a", "b/c"))
    model = BoundModel(name="net", kind=ModelKind.DIRECTORY, files=tuple(files))
    return a_bound_image(digest=INDEX, platforms=tuple(platforms), model=model)
