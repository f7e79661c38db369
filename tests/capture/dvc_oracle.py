"""DVC's own reading of a dvc.yaml, to compare ours with."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.capture.pipeline import load_definition
from aigf_dvc.errors import UndecidedError
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import environment, make_home, run

REFUSED = "refused"
Answer = Any  # the filled-in sections, or REFUSED
SECTIONS = ("artifacts", "metrics", "plots")


@dataclass(frozen=True, slots=True)
class Oracle:
    """One project in which documents are written, and asked about."""

    root: Path
    repo: Any

    def agreed(self, files: Mapping[str, object], file: str = "dvc.yaml") -> Answer:
        """Return what DVC and we make of a file: it must be the same, to the type."""
        self._write(files)
        dvc, ours = self._dvc(file), self._ours(file)
        assert repr(ours) == repr(dvc)  # for ==, 1 and true are one
        return ours

    def _write(self, files: Mapping[str, object]) -> None:
        for path in self.root.rglob("*"):
            if path.is_file() and ".dvc" not in path.parts and ".git" not in path.parts:
                path.unlink()
        for name, content in files.items():
            full = self.root / name
            full.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str) else json.dumps(content)
            full.write_text(text, encoding="utf-8")

    def _dvc(self, file: str) -> Answer:
        try:
            resolver = import_module("dvc.dvcfile").ProjectFile(self.repo, file).resolver
            found = {"stages": resolver.resolve()["stages"] or {}}
            for section in SECTIONS:
                found[section] = getattr(resolver, f"resolve_{section}")()
        except Exception:  # noqa: BLE001  # DVC crashes in many ways
            return REFUSED
        return {name: section for name, section in found.items() if section}

    def _ours(self, file: str) -> Answer:
        try:
            found = load_definition(WorkingTree(self.root), file)
        except UndecidedError as error:
            return REFUSED if error.where else f"it does not say where: {error}"
        assert isinstance(found, Mapping)
        return {name: found[name] for name in ("stages", *SECTIONS) if found.get(name)}


@contextmanager
def an_oracle(base: Path) -> Iterator[Oracle]:
    """Make an empty project, and be in it: DVC names files from where it is."""
    make_home(base / "home")
    root = base / "project"
    root.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(base / "home").items():
            patch.setenv(key, value)
        patch.chdir(root)
        run(["git", "init", "--quiet"], root)
        run(["dvc", "init", "--quiet"], root)
        yield again(root)


def again(root: Path) -> Oracle:
    """Open a project as it is configured now."""
    return Oracle(root, import_module("dvc.repo").Repo(str(root)))
