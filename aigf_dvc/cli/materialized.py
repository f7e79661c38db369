"""Puts the bytes that were verified in place."""

from functools import partial
from pathlib import Path

import click

from aigf_dvc.actions.materialize import Staging, staging
from aigf_dvc.actions.verify import Artifact, read_artifact
from aigf_dvc.cli.options import reading_progress, talk


def read_or_copy(artifact: Path, target: Path | None) -> tuple[Artifact, Staging | None]:
    """Hash a model; where a copy is wanted, hash the copy while it is made.

    The copy is thrown away at the end of the command, unless it was put in place.

    Raises:
        InputError: the model is not there, or the target is.
        UndecidedError: the model cannot be read or copied.
    """
    if target is None:
        with reading_progress() as progress:
            return read_artifact(artifact, progress=progress), None
    staged = click.get_current_context().with_resource(staging(target))
    with reading_progress() as progress:
        copy = partial(staged.copy, progress=progress)
        return read_artifact(artifact, hash_file=copy), staged


def put_if_accepted(staged: Staging | None, *, accepted: bool) -> None:
    """Put the copy in place when the model is accepted.

    Raises:
        UndecidedError: something stands there by now, or the disk refuses.
    """
    if staged is not None and accepted:
        staged.put_in_place()
        talk(f"the verified bytes are in {staged.target}")
