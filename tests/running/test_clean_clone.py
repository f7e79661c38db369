"""A clean clone has the commit alone, goes away whatever happens, and lets nothing lead out."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.running.clean_clone import (
    CleanClone,
    clean_clone,
    clean_environment,
    inside,
    write_dvc_settings,
)
from tests.playground import Playground, run


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_the_clone_is_the_commit_with_its_name_and_no_remote(
    playground: Playground, scratch: Path
) -> None:
    commit = playground.git("rev-parse", "HEAD")
    playground.write("src/train.sh", "later\n")
    playground.commit("later")
    playground.write("untracked", "x")
    with clean_clone(playground.project, commit, environ=os.environ) as clone:
        place = Playground(clone.project.root)
        assert place.root.is_relative_to(scratch)
        assert place.git("rev-parse", "HEAD") == commit
        assert place.git("status", "--porcelain") == ""
        assert place.git("remote") == ""
        assert "later" not in place.read("src/train.sh")
        for absent in ("untracked", "data/raw.csv", "data/clean.csv", "models", ".dvc/cache"):
            assert not (place.root / absent).exists()
    assert list(scratch.iterdir()) == []


def test_a_commit_that_no_branch_leads_to_can_be_cloned(
    playground: Playground, scratch: Path
) -> None:
    playground.write("src/train.sh", "lost\n")
    commit = playground.commit("lost")
    playground.git("reset", "--quiet", "--hard", "HEAD~1")
    with clean_clone(playground.project, commit, environ=os.environ) as clone:
        assert Playground(clone.project.root).read("src/train.sh") == "lost\n"
    assert list(scratch.iterdir()) == []


def test_a_linked_worktree_and_a_shallow_clone_can_be_cloned(
    playground: Playground, scratch: Path, tmp_path: Path
) -> None:
    commit = playground.commit("second")
    playground.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    run(["git", "clone", "-q", "--depth=1", f"file://{playground.root}", "shallow"], tmp_path)
    for name in ("linked", "shallow"):
        project = Playground(tmp_path / name).project
        with clean_clone(project, commit, environ=os.environ) as clone:
            assert Playground(clone.project.root).git("rev-parse", "HEAD") == commit
    assert list(scratch.iterdir()) == []


def test_hooks_of_the_repository_and_the_users_templates_do_not_run(
    playground: Playground, scratch: Path, home: Path
) -> None:
    hook = f"#!/bin/sh\ntouch {home}/ran\n"
    for folder in (playground.root / ".git/hooks", home / "template/hooks"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "post-checkout").write_text(hook)
        (folder / "post-checkout").chmod(0o755)
    playground.git("config", "--global", "init.templateDir", str(home / "template"))
    commit = playground.git("rev-parse", "HEAD")
    with clean_clone(playground.project, commit, environ=os.environ) as clone:
        assert not list((clone.project.repository / ".git").rglob("post-checkout"))
    assert not (home / "ran").exists()
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, UndecidedError("x")], ids=str)
def test_the_clone_goes_away_after_a_failure_even_when_it_was_made_read_only(
    playground: Playground, scratch: Path, error: BaseException
) -> None:
    commit = playground.git("rev-parse", "HEAD")

    def fail() -> None:
        with clean_clone(playground.project, commit, environ=os.environ) as clone:
            folder = clone.project.root / "made/by/a/stage"
            folder.mkdir(parents=True)
            (folder / "file").touch()
            folder.chmod(0o500)
            raise error

    with pytest.raises((KeyboardInterrupt, UndecidedError)):
        fail()
    assert list(scratch.iterdir()) == []


def test_the_clone_goes_away_when_we_are_terminated(playground: Playground, scratch: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    commit = playground.git("rev-parse", "HEAD")
    with (
        pytest.raises(SystemExit) as end,
        clean_clone(playground.project, commit, environ=os.environ),
    ):
        os.kill(os.getpid(), signal.SIGTERM)
    assert end.value.code == 128 + signal.SIGTERM
    assert list(scratch.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_clone_stays_when_it_is_to_be_kept(playground: Playground, scratch: Path) -> None:
    commit = playground.git("rev-parse", "HEAD")
    with clean_clone(playground.project, commit, environ=os.environ, keep=True) as clone:
        assert clone.scratch.stat().st_mode & 0o77 == 0  # nobody else looks in
    assert clone.project.root.is_dir()
    assert list(scratch.iterdir()) == [clone.scratch]


def test_a_folder_for_temporary_files_inside_the_repository_is_refused(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(playground.root / "data"))
    commit = playground.git("rev-parse", "HEAD")
    with (
        pytest.raises(InputError, match="inside the repository"),
        clean_clone(playground.project, commit, environ=os.environ),
    ):
        pytest.fail("cloned")
    assert sorted(p.name for p in (playground.root / "data").iterdir()) == [
        ".gitignore", "clean.csv", "raw.csv", "raw.csv.dvc",
    ]  # fmt: skip


def test_the_environment_is_without_secrets_git_and_an_outer_stage(tmp_path: Path) -> None:
    given = {
        "AIGF_KEY_PASSPHRASE": "secret",
        "GIT_DIR": "/elsewhere",
        "DVC_ROOT": "/elsewhere",
        "DVC_STAGE": "train",
        "PWD": "/elsewhere",
        "DVC_NO_ANALYTICS": "1",
        "PATH": "/bin",
    }
    found = clean_environment(given, original=tmp_path, clone=tmp_path)
    assert found == {"DVC_NO_ANALYTICS": "1", "PATH": "/bin"}


def test_python_finds_the_code_of_the_clone_not_of_the_project(tmp_path: Path) -> None:
    original, clone = tmp_path / "project", tmp_path / "clone"
    (original / "src").mkdir(parents=True)
    (tmp_path / "link").symlink_to(original / "src")
    folders = [f"{original}/src", f"{tmp_path}/link", "src", "", "/usr/lib/python"]
    given = {"PYTHONPATH": os.pathsep.join(folders)}
    found = clean_environment(given, original=original, clone=clone)["PYTHONPATH"]
    assert found.split(os.pathsep) == [
        f"{clone}/src", f"{clone}/src", "src", "", "/usr/lib/python",
    ]  # fmt: skip


def test_what_a_commit_links_to_outside_of_the_clone_is_refused(
    playground: Playground, scratch: Path
) -> None:
    shutil.rmtree(playground.root / "data")
    (playground.root / "data").symlink_to("..")
    commit = playground.commit("link")
    with clean_clone(playground.project, commit, environ=os.environ) as clone:
        with pytest.raises(UndecidedError, match="leads out"):
            inside(clone.project, "data/raw.csv")
        assert inside(clone.project, "src/new") == clone.project.root / "src/new"
    assert list(scratch.iterdir()) == []


def test_a_dvc_folder_that_is_a_link_out_of_the_clone_is_refused(
    playground: Playground, scratch: Path, tmp_path: Path
) -> None:
    playground.git("rm", "--quiet", "-r", "--cached", ".dvc")
    shutil.rmtree(playground.root / ".dvc")
    (playground.root / ".dvc").symlink_to(tmp_path)
    commit = playground.commit("link")
    with (
        pytest.raises(UndecidedError, match="leads out"),
        clean_clone(playground.project, commit, environ=os.environ),
    ):
        pytest.fail("cloned")
    assert list(scratch.iterdir()) == []


def scratch_cache(clone: CleanClone) -> Path:
    assert not clone.cache.is_relative_to(clone.project.repository)
    return clone.cache


def settings_of(clone: CleanClone, name: str) -> str:
    done = run(["dvc", "config", name], clone.project.root, check=False)
    return done.stdout.strip()


def test_dvc_has_its_own_cache_the_remotes_of_the_project_and_secrets_only_to_pull(
    playground: Playground, scratch: Path
) -> None:
    playground.dvc("remote", "add", "--default", "near", "../storage")
    playground.dvc("remote", "add", "far", "https://127.0.0.1:1/storage")
    playground.dvc("cache", "dir", "../shared")
    commit = playground.commit("remote")
    playground.dvc("remote", "modify", "--local", "far", "password", "do-not-tell")
    playground.dvc("cache", "dir", "--local", "../mine")
    with clean_clone(playground.project, commit, environ=os.environ) as clone:
        file = clone.project.root / ".dvc/config.local"
        write_dvc_settings(clone, playground.project, with_secrets=True)
        assert file.stat().st_mode & 0o77 == 0
        assert settings_of(clone, "remote.far.password") == "do-not-tell"
        assert settings_of(clone, "cache.dir") == str(scratch_cache(clone))
        write_dvc_settings(clone, playground.project, with_secrets=False)
        assert "do-not-tell" not in file.read_text()
        assert settings_of(clone, "remote.near.url") == str(playground.root.parent / "storage")
        assert settings_of(clone, "cache.dir") == str(scratch_cache(clone))
    assert list(scratch.iterdir()) == []
