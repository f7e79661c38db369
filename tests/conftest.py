"""Fixtures for every test: a home of its own, and a governed project to spoil."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.capture.shapes import museum
from tests.histories import build_history
from tests.playground import Playground, build, copy, environment, make_home

# A hook or `git rebase --exec` exports its repository: the tests' own git must never work in it.
for _name in [name for name in os.environ if name.startswith("GIT_")]:
    del os.environ[_name]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home, a git identity and DVC caches of its own."""
    folder = tmp_path / "home"
    make_home(folder)
    wanted = environment(folder)
    for key in set(os.environ) - set(wanted):
        monkeypatch.delenv(key)
    for key, value in wanted.items():
        monkeypatch.setenv(key, value)
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Make the project once, for all workers; tests take copies."""
    return _made_once(tmp_path_factory, worker_id, "governed-project", build)


@pytest.fixture(scope="session")
def museum_template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Make the repository of every shape once, for all workers."""
    return _made_once(tmp_path_factory, worker_id, "museum", museum.build)


@pytest.fixture(scope="session")
def history_template(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, template: Path
) -> Path:
    """Make the project with a history once, for all workers; tests take copies."""
    return _made_once(
        tmp_path_factory, worker_id, "history", lambda root: build_history(template, root)
    )


def _made_once(
    factory: pytest.TempPathFactory, worker_id: str, name: str, make: Callable[[Path], None]
) -> Path:
    base = factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            home = shared / f"{name}-home"
            make_home(home)
            with pytest.MonkeyPatch.context() as patch:
                for key, value in environment(home).items():
                    patch.setenv(key, value)
                (folder / "project").parent.mkdir()
                make(folder / "project")
            (folder / "made").touch()
    return folder / "project"


@pytest.fixture
def history(history_template: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # the home is set
    """Return a copy of the project with a history."""
    return copy(history_template, tmp_path / "history")


@pytest.fixture
def playground(template: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # the home is set
    """Return a copy of the project, all committed and sound."""
    return copy(template, tmp_path / "project")
