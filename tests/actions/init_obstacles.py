"""What may stand in the way of `aigf init`, and what is then said."""

import shutil
from collections.abc import Callable
from pathlib import Path

from aigf_dvc.errors import AigfError, InputError, UndecidedError

PIPELINE = """\
# Fraud.
stages:
  train:
    cmd: cp train.py model.pkl   # not much of a model
    deps:
    - train.py
    outs:
    - model.pkl
  evaluate:
    cmd: cp numbers metrics.json
    deps:
    - model.pkl
    - numbers
    metrics:
    - metrics.json:
        cache: false
"""


def _empty(root: Path) -> None:
    (root / "dvc.yaml").write_text("")


def _no_dvc_yaml(root: Path) -> None:
    (root / "dvc.yaml").unlink()


def _invalid(root: Path) -> None:
    (root / "dvc.yaml").write_text("stages:\n  train:\n  cmd: : x\n")


def _templating(root: Path) -> None:
    (root / "dvc.yaml").write_text(
        "stages:\n  train:\n    foreach: [a]\n    do:\n      cmd: x ${absent}\n"
    )


def _no_model(root: Path) -> None:
    (root / "dvc.yaml").write_text("stages:\n  evaluate:\n    cmd: x\n    metrics: [m.json]\n")


def _in_braces(root: Path) -> None:
    (root / "dvc.yaml").write_text("stages: {train: {cmd: x, outs: [model.pkl]}}\n")


def _taken_name(root: Path) -> None:
    (root / "dvc.yaml").write_text(PIPELINE + "  governance:\n    cmd: make tea\n")


def _invalid_settings(root: Path) -> None:
    (root / "aigf.yaml").write_text("model: {}\n")


def _folder_for_the_card(root: Path) -> None:
    (root / "MODEL_CARD.md").mkdir()


def _file_for_the_folder(root: Path) -> None:
    (root / "governance").write_text("")


def _link_out_of_the_repository(root: Path) -> None:
    (root / "governance").symlink_to(root.parent)


def _no_dvc(root: Path) -> None:
    shutil.rmtree(root / ".dvc")
    (root / "aigf.yaml").write_text("models: {a: {path: model.pkl}}\n")


def _two_foreign_hooks(root: Path) -> None:
    for name in ("pre-push", "pre-push.before-aigf"):
        (root / ".git/hooks" / name).write_text("#!/bin/sh\n")


OBSTACLES: list[tuple[Callable[[Path], None], type[AigfError], str]] = [
    (_empty, InputError, "no stages"),
    (_no_dvc_yaml, InputError, "no dvc.yaml"),
    (_invalid, UndecidedError, "dvc.yaml:3: not YAML"),
    (_templating, UndecidedError, "nothing is called ${absent}"),
    (_no_model, InputError, "no output looks like a model"),
    (_in_braces, InputError, "no safe place"),
    (_taken_name, InputError, "a stage governance of yours"),
    (_invalid_settings, InputError, "aigf.yaml:1: the unknown key 'model'"),
    (_folder_for_the_card, InputError, "MODEL_CARD.md: a directory"),
    (_file_for_the_folder, InputError, "governance: a file"),
    (_link_out_of_the_repository, InputError, "a link leads out"),
    (_no_dvc, InputError, "not a DVC project"),
    (_two_foreign_hooks, InputError, "another hook"),
]
