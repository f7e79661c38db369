"""Nothing in a repository or the environment steers git: no program runs, no other tree shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aigf_dvc.capture.dirty import dirty_paths
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from tests.playground import Playground, run


def trap(playground: Playground) -> tuple[Path, Path]:
    """Return a program, and the file that shows that it ran."""
    sentinel = playground.root.parent / "it-ran"
    script = playground.root.parent / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {sentinel}\nexit 0\n")
    script.chmod(0o755)
    return script, sentinel


def _fsmonitor(p: Playground, script: Path) -> None:
    p.git("config", "core.fsmonitor", str(script))


def _hooks(p: Playground, script: Path) -> None:
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-push"):
        hook = p.root / ".git/hooks" / name
        hook.write_text(script.read_text())
        hook.chmod(0o755)


def _hooks_path(p: Playground, script: Path) -> None:
    folder = p.root.parent / "hooks"
    folder.mkdir()
    for name in ("post-index-change", "reference-transaction"):
        (folder / name).write_text(script.read_text())
        (folder / name).chmod(0o755)
    p.git("config", "core.hooksPath", str(folder))


def _filter(p: Playground, script: Path) -> None:
    p.git("config", "filter.evil.clean", f"{script}; cat")
    p.git("config", "filter.evil.process", str(script))
    p.write(".git/info/attributes", "* filter=evil\n")


def _include(p: Playground, script: Path) -> None:
    p.write(".git/more", f"[core]\n\tfsmonitor = {script}\n\tpager = {script}\n")
    p.git("config", "include.path", "more")


def _pager_and_editor(p: Playground, script: Path) -> None:
    for key in ("core.pager", "core.editor", "core.sshCommand", "diff.external", "gpg.program"):
        p.git("config", key, str(script))
    p.git("config", "commit.gpgSign", "true")


@pytest.mark.parametrize(
    "set_up",
    [_fsmonitor, _hooks, _hooks_path, _filter, _include, _pager_and_editor],
    ids=lambda f: f.__name__.strip("_"),
)
def test_no_program_that_the_repository_names_is_run(
    playground: Playground, set_up: Callable[[Playground, Path], None]
) -> None:
    manifest = playground.manifest()
    script, sentinel = trap(playground)
    set_up(playground, script)
    sentinel.unlink(missing_ok=True)
    playground.write("src/untracked.sh", "x")
    assert playground.aigf("capture").returncode == 0
    (playground.root / "src/untracked.sh").unlink()
    assert playground.manifest() == manifest == playground.manifest("HEAD")
    assert playground.aigf("check").returncode == 0
    with GitObjects(playground.root) as objects:
        assert dirty_paths(playground.project, objects) == ()
    assert not sentinel.exists()


@pytest.mark.parametrize("form", ["ext", "vcs", "ssh"])
def test_a_partial_clone_never_calls_its_remote_helper(playground: Playground, form: str) -> None:
    script, sentinel = trap(playground)
    url = {"ext": f"ext::{script}", "vcs": "evil://x", "ssh": "ssh://host/x"}[form]
    playground.git("config", "remote.origin.url", url)
    if form == "ext":
        playground.git("config", "protocol.ext.allow", "always")
    if form == "vcs":
        playground.git("config", "remote.origin.vcs", "ext")
        playground.git("config", "remote.origin.url", str(script))
        playground.git("config", "protocol.allow", "always")
    playground.git("config", "core.sshCommand", str(script))
    playground.git("config", "remote.origin.promisor", "true")
    playground.git("config", "remote.origin.partialclonefilter", "blob:none")
    playground.git("config", "extensions.partialClone", "origin")
    blob = playground.git("rev-parse", "HEAD:MODEL_CARD.md")
    (playground.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with GitObjects(playground.root) as objects, pytest.raises(UndecidedError, match="missing"):
        objects.read(blob)
    assert playground.aigf("check", "--rev", "HEAD").returncode == 3
    assert not sentinel.exists()


def _replace_ref(p: Playground) -> None:
    good = p.git("rev-parse", "HEAD:MODEL_CARD.md")
    p.write("evil.md", "evil")
    evil = p.git("hash-object", "-w", "evil.md")
    (p.root / "evil.md").unlink()
    p.git("replace", good, evil)


def _replaced_commit(p: Playground) -> None:
    head = p.git("rev-parse", "HEAD")
    p.replace("params.yaml", "depth: 3", "depth: 9")
    other = p.commit()
    p.git("reset", "--quiet", "--hard", head)
    p.git("replace", head, other)


def _graft(p: Playground) -> None:
    p.write(".git/info/grafts", p.git("rev-parse", "HEAD") + " " + "0" * 40 + "\n")


def _alternate(p: Playground) -> None:
    p.write(".git/objects/info/alternates", "/nonexistent\n")


@pytest.mark.parametrize(
    "fool",
    [_replace_ref, _replaced_commit, _graft, _alternate],
    ids=lambda f: f.__name__.strip("_"),
)
def test_replace_refs_and_grafts_show_nothing_else(
    playground: Playground, fool: Callable[[Playground], None]
) -> None:
    before = playground.manifest("HEAD")
    fool(playground)
    assert playground.manifest("HEAD") == before
    assert playground.manifest() == before


def test_a_graft_gives_a_commit_no_other_parents(playground: Playground) -> None:
    first = playground.git("rev-parse", "HEAD")
    second = playground.commit("second")
    playground.write(".git/info/grafts", f"{second}\n")
    history = program.git(playground.root, "rev-list", "HEAD").decode().split()
    assert history == [second, first]


def test_variables_of_a_hook_or_of_an_attacker_point_nowhere(
    playground: Playground, tmp_path: Path
) -> None:
    script, sentinel = trap(playground)
    other = Playground(tmp_path / "other")
    other.root.mkdir()
    other.git("init", "--quiet")
    other.write("aigf.yaml", "models: {evil: {path: x}}\n")
    other.commit()
    expected = playground.manifest("HEAD")
    out = tmp_path / "m"
    outcome = playground.aigf(
        "capture",
        "--rev",
        "HEAD",
        "--output",
        str(out),
        extra={
            "GIT_DIR": str(other.root / ".git"),
            "GIT_WORK_TREE": str(other.root),
            "GIT_INDEX_FILE": str(other.root / ".git/index"),
            "GIT_OBJECT_DIRECTORY": str(other.root / ".git/objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other.root / ".git/objects"),
            "GIT_COMMON_DIR": str(other.root / ".git"),
            "GIT_NAMESPACE": "evil",
            "GIT_CEILING_DIRECTORIES": str(playground.root),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.fsmonitor",
            "GIT_CONFIG_VALUE_0": str(script),
            "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{script}'",
            "GIT_EXTERNAL_DIFF": str(script),
            "GIT_SSH_COMMAND": str(script),
            "GIT_EXEC_PATH": str(tmp_path),
            "GIT_TRACE": str(tmp_path / "trace"),
        },
    )
    assert outcome.returncode == 0, outcome.stderr
    assert out.read_bytes() == expected
    assert not sentinel.exists()
    assert not (tmp_path / "trace").exists()


def test_a_work_tree_that_the_config_moves_away_is_not_followed(
    playground: Playground, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    playground.git("config", "core.worktree", str(elsewhere))
    assert playground.aigf("check").returncode == 2


@pytest.mark.usefixtures("home")
def test_a_folder_outside_git_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a git repository") as error:
        program.work_tree(tmp_path)
    assert "git init" in error.value.hint


def test_a_machine_without_git_is_told_so(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(UndecidedError, match="git is not installed"):
        program.work_tree(playground.root)
    with GitObjects(playground.root) as objects, pytest.raises(UndecidedError, match="not inst"):
        objects.read("0" * 40)


@pytest.mark.parametrize("name", ["--output=x", "-h", "nothing", "HEAD^{tree}", "a b", ""])
def test_a_revision_that_names_no_commit_is_one_message(playground: Playground, name: str) -> None:
    with pytest.raises(InputError, match="no commit"):
        program.resolve_commit(playground.root, name)


def test_a_tag_and_a_short_name_lead_to_their_commit(playground: Playground) -> None:
    head = playground.git("rev-parse", "HEAD")
    playground.git("tag", "-a", "v1", "-m", "one")
    for name in ("v1", head[:10], "main", "@"):
        assert program.resolve_commit(playground.root, name) == head


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("set_up", "code", "says"),
    [
        ("no repository", 2, "not a git repository"),
        ("no commit", 2, "no commit yet"),
        ("not dvc", 2, "not a DVC project"),
        ("bare", 3, "work tree"),
        ("no aigf.yaml", 2, "aigf init"),
        ("no dvc.yaml", 2, "no dvc.yaml"),
    ],
)
def test_places_that_are_no_project_are_named(
    tmp_path: Path, set_up: str, code: int, says: str
) -> None:
    place = Playground(tmp_path / "place")
    place.root.mkdir()
    if set_up != "no repository":
        place.git("init", "--quiet", *(["--bare"] if set_up == "bare" else []))
    if set_up in ("no commit", "no aigf.yaml", "no dvc.yaml"):
        place.write(".dvc/config", "")
    if set_up == "no dvc.yaml":
        place.write("aigf.yaml", "models: {a: {path: a}}\n")
    other = {"no commit": ("check", "--rev", "HEAD"), "no dvc.yaml": ("capture",)}
    arguments = other.get(set_up, ("check",))
    outcome = place.aigf(*arguments)
    assert (outcome.returncode, says in outcome.stderr) == (code, True), outcome.stderr
    if set_up != "no repository":
        assert "hint" in outcome.stderr or code == 3


def test_a_shallow_clone_is_judged_like_a_full_one(playground: Playground, tmp_path: Path) -> None:
    playground.commit("second")
    run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{playground.root}", str(tmp_path / "s")],
        tmp_path,
    )
    assert Playground(tmp_path / "s").manifest("HEAD") == playground.manifest("HEAD")
