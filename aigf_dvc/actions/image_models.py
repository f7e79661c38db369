"""Find a model in a container image: alike for who signs that it is there, and who judges."""

import posixpath
from collections.abc import Sequence

from aigf_dvc.attestation.deployment import ModelKind
from aigf_dvc.attestation.image_statement import BoundModel, BoundPlatform
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.images.find import find_file, find_folder
from aigf_dvc.images.read import Image, PlatformImage

_SHOWN = 5


def bound_model(name: str, path: str, files: Sequence[ModelFile]) -> BoundModel:
    """Return a model as an image has it: its files named from the model's own directory.

    Args:
        name: the model's.
        path: the model's, in the project.
        files: named by their paths in the project; one that is the path itself is a file model.
    """
    if [file.name for file in files] == [path]:
        own = ModelFile(name=posixpath.basename(path), sha256=files[0].sha256)
        return BoundModel(name=name, kind=ModelKind.FILE, files=(own,))
    inside = (
        ModelFile(name=file.name.removeprefix(f"{path}/"), sha256=file.sha256) for file in files
    )
    ordered = tuple(sorted(inside, key=lambda file: file.name))
    return BoundModel(name=name, kind=ModelKind.DIRECTORY, files=ordered)


def find_model(image: Image, model: BoundModel) -> tuple[BoundPlatform, ...]:
    """Return where a model is in an image, for each of its platforms.

    Raises:
        RefusedError: for one of them it is nowhere.
    """
    return tuple(
        BoundPlatform(
            platform=found.platform, digest=found.digest, paths=_paths_or_refuse(found, model)
        )
        for found in image.platforms
    )


def _paths_or_refuse(image: PlatformImage, model: BoundModel) -> tuple[str, ...]:
    if model.kind is ModelKind.FILE:
        paths = find_file(image.files, model.files[0].sha256)
    else:
        paths = find_folder(image.files, {file.name: file.sha256 for file in model.files})
    if not paths:
        raise RefusedError(
            "\n  ".join([f"the model {model.name!r:.100} is not in it", *_instead(image, model)]),
            where=f"image sha256:{image.digest} ({image.platform:.100})",
            expected="exactly its files, once all layers are applied",
            hint="build the image from the model that the commit records (`dvc pull`, then COPY)",
        )
    return paths


def _instead(image: PlatformImage, model: BoundModel) -> list[str]:
    """Say of each file that is not there which layer brought it, and where its bytes are now."""
    left = dict[str, list[str]]()
    for path, digest in image.files.files():
        left.setdefault(digest, []).append(f"/{path}")
    said = []
    for file in model.files:
        lost = image.brought.get(file.sha256, [])
        if file.sha256 in left:
            if model.kind is ModelKind.DIRECTORY:
                said.append(f"{file.name!r:.100} is at {left[file.sha256][0]!r:.200}")
        elif lost:
            layer, path = lost[-1]
            said.append(
                f"{file.name!r:.100} is in {layer} at {path!r:.200}, "
                "and a later layer removes or replaces it"
            )
        else:
            said.append(f"{file.name!r:.100} (sha256:{file.sha256}) is in none of its layers")
    return [*said[:_SHOWN], *([f"and {len(said) - _SHOWN} more"] if len(said) > _SHOWN else [])]
