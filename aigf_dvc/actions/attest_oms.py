"""Sign the bytes of a model that was attested, for those who verify OpenSSF Model Signing only."""

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from aigf_dvc.attestation.oms import SINGLE, build_oms_statement
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.settings import ModelSettings
from aigf_dvc.signing.signature import Signer


def sign_model(model: ModelSettings, files: Sequence[ModelFile], sign: Signer) -> bytes:
    """Return a signature of a model's files, as OpenSSF Model Signing has it.

    Args:
        model: which model.
        files: its files, named by their path in the project.
        sign: who signs.

    Raises:
        RefusedError: there are no files.
    """
    below = f"{model.path}/"
    relative = [
        replace(file, name=SINGLE if file.name == model.path else file.name.removeprefix(below))
        for file in files
    ]
    return sign(build_oms_statement(os.path.basename(model.path), relative))  # noqa: PTH119  # in git's spelling


def refuse_place(signature: Path, root: Path, models: Sequence[ModelSettings]) -> None:
    """Refuse to sign several models into one file, or to change a model by its own signature.

    Args:
        signature: the file to write.
        root: the project's folder.
        models: those to sign.

    Raises:
        InputError: it cannot be written there.
    """
    if len(models) != 1:
        names = ", ".join(model.name for model in models)
        raise InputError(
            f"{len(models)} models: {names}", where="--oms", expected="one, named on the command"
        )
    real = Path(os.path.realpath(signature))
    model = Path(os.path.realpath(root / models[0].path))
    if real.is_relative_to(model):
        raise InputError(
            f"{signature} would change the model", where="--oms", expected="a file beside it",
            hint="move it there after, if whoever loads the model wants it there",
        )  # fmt: skip
