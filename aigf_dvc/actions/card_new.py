"""Start a card or governance document from its template."""

import os
from pathlib import Path

from aigf_dvc.actions.card_templates import About, template_text
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.data_origin import data_read
from aigf_dvc.evidence.digest_lock import FILE_NAME as DIGEST_LOCK
from aigf_dvc.evidence.digest_lock import read_digest_lock
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.trees.working_tree import WorkingTree

_NO_MODEL = {"my-model": "model.pkl"}


def new_card(kind: str, models: tuple[str, ...] = (), *, project: Project | None) -> bytes:
    """Return a card or document to fill in, about models of a project or about none in particular.

    Raises:
        InputError: no such model, a model card about several, or an invalid aigf.yaml.
        UndecidedError: the pipeline cannot be read.
    """
    about = _about(project, models) if project is not None else None
    if about is None:
        if models:
            raise InputError(
                f"no model named {models[0]!r}", expected="a model of an aigf.yaml",
                hint="`aigf init` writes one; without MODEL the template stands for itself",
            )  # fmt: skip
        about = About(models=_NO_MODEL, data={})
    return template_text(kind, about)


def write_new(path: Path, data: bytes) -> None:
    """Write a new file.

    Raises:
        InputError: something is there already.
        OSError: it cannot be written.
    """
    if os.path.lexists(path):
        raise InputError(
            "already there", where=str(path), expected="a new file",
            hint="name another one, or move it away",
        )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)


def _about(project: Project, models: tuple[str, ...]) -> About | None:
    """Return what a document is about: the models asked for, and the data behind them."""
    tree = WorkingTree(project.root)
    if tree.read(FILE_NAME) is None:
        return None
    settings = load_settings(tree)
    chosen = [settings.model(name) for name in models] or list(settings.models)
    pipeline = read_pipeline(tree)
    lock = read_digest_lock(tree.read(DIGEST_LOCK))
    stages = {address for model in chosen for address in pipeline.ancestors(model.path)}
    reads = (dep for address in stages for dep in pipeline.stages[address].deps)
    found = {path: pipeline.tracked[path] for path in sorted(data_read(reads, pipeline.tracked))}
    return About(
        models={model.name: model.path for model in chosen},
        data={path: lock.sha256(item.value, item.size) for path, item in found.items()},
    )
