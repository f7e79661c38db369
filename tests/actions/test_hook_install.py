import os
import stat
import subprocess
from pathlib import Path

import pytest

from aigf_dvc.actions.hook_install import (
    HookState,
    hook_status,
    install_hook,
    uninstall_hook,
)
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import InputError

FOREIGN = (
    b"#!/bin/sh\n# somebody's own\n"
    b'cat >"$RECORD/foreign-stdin"\necho "$@" >"$RECORD/foreign-args"\nexit ${FOREIGN_EXIT:-0}\n'
)
# Stands in for Python: `python -I -m aigf_dvc hook pre-push ...`, and the probe after a refusal.
OURS = (
    b"#!/bin/sh\n"
    b'case "$2" in -c) exit ${PROBE_EXIT:-0} ;; esac\n'
    b'cat >"$RECORD/our-stdin"\necho "$@" >"$RECORD/our-args"\nexit ${OUR_EXIT:-0}\n'
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without git settings of the developer's own; what hooks record goes there, too."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("RECORD", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return folder


def git(folder: Path, *arguments: str) -> str:
    return run_git(folder, *arguments, check=True).stdout


def run_git(folder: Path, *arguments: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=check, capture_output=True, text=True
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A repository with one commit, and a bare one to push to."""
    top = tmp_path / "work tree"
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(tmp_path, "init", "-q", "-b", "main", str(top))
    git(top, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(top, "commit", "-q", "--allow-empty", "-m", "Start")
    return Project(root=top, repository=top, prefix="")


@pytest.fixture
def python(tmp_path: Path) -> str:
    """A program that stands in for our Python; its folder's name wants quoting."""
    return str(executable(tmp_path / "it's $HOME `here`" / "python", OURS))


def executable(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


def hook_of(project: Project) -> Path:
    return project.repository / ".git" / "hooks" / "pre-push"


def test_a_repository_starts_without_the_hook(project: Project) -> None:
    status = hook_status(project)
    assert (status.state, status.path) == (HookState.NOT_INSTALLED, hook_of(project))


def test_a_push_calls_our_python_isolated_with_git_arguments_and_the_refs(
    project: Project, python: str, home: Path
) -> None:
    status = install_hook(project, python=python)
    assert (status.state, status.changed) == (HookState.INSTALLED, True)
    git(project.root, "push", "-q", "origin", "main")
    head = git(project.root, "rev-parse", "HEAD").strip()
    arguments = (home / "our-args").read_text().split()
    assert arguments[:6] == ["-I", "-m", "aigf_dvc", "hook", "pre-push", "origin"]
    expected = f"refs/heads/main {head} refs/heads/main {'0' * 40}\n"
    assert (home / "our-stdin").read_text() == expected


def test_a_refusal_stops_the_push_with_its_own_exit_code(
    project: Project, python: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(hook_of(project), FOREIGN)
    install_hook(project, python=python)
    monkeypatch.setenv("OUR_EXIT", "3")
    assert run_git(project.root, "push", "origin", "main").returncode != 0
    assert not (home / "foreign-args").exists()
    direct = subprocess.run([hook_of(project), "origin", "url"], input=b"", check=False)
    assert direct.returncode == 3
    assert git(project.root, "ls-remote", "origin") == ""


def test_a_hook_that_was_there_gets_the_same_refs_and_arguments_afterwards(
    project: Project, python: str, home: Path
) -> None:
    executable(hook_of(project), FOREIGN)
    status = install_hook(project, python=python)
    assert status.chained
    git(project.root, "push", "-q", "origin", "main")
    assert (home / "foreign-stdin").read_bytes() == (home / "our-stdin").read_bytes() != b""
    assert (home / "foreign-args").read_text().startswith("origin ")


def test_the_other_hooks_refusal_counts(
    project: Project, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(hook_of(project), FOREIGN)
    install_hook(project, python=python)
    monkeypatch.setenv("FOREIGN_EXIT", "7")
    assert run_git(project.root, "push", "origin", "main").returncode != 0
    direct = subprocess.run([hook_of(project), "origin", "url"], input=b"", check=False)
    assert direct.returncode == 7


def test_no_temporary_file_is_left(
    project: Project, python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_hook(project, python=python)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    git(project.root, "push", "-q", "origin", "main")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_without_its_python_the_hook_refuses_and_says_how_to_go_on(
    project: Project, python: str
) -> None:
    install_hook(project, python=python)
    Path(python).unlink()
    push = run_git(project.root, "push", "origin", "main")
    assert push.returncode != 0
    assert f"the Python of this hook is gone: {python}" in push.stderr
    assert "aigf hook install" in push.stderr
    assert "git push --no-verify" in push.stderr
    assert hook_status(project).state is HookState.OUTDATED
    assert run_git(project.root, "push", "--no-verify", "origin", "main").returncode == 0


def test_without_the_package_the_hook_refuses_and_says_so(
    project: Project, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_hook(project, python=python)
    monkeypatch.setenv("OUR_EXIT", "1")
    monkeypatch.setenv("PROBE_EXIT", "1")
    push = run_git(project.root, "push", "origin", "main")
    assert push.returncode != 0
    assert "no longer installed" in push.stderr


def test_installing_twice_changes_nothing(project: Project, python: str) -> None:
    executable(hook_of(project), FOREIGN)
    install_hook(project, python=python)
    before = {p.name: p.read_bytes() for p in hook_of(project).parent.glob("pre-push*")}
    again = install_hook(project, python=python)
    assert (again.state, again.changed, again.chained) == (HookState.INSTALLED, False, True)
    assert {p.name: p.read_bytes() for p in hook_of(project).parent.glob("pre-push*")} == before


def test_a_new_python_takes_the_place_of_the_old_one(project: Project, python: str) -> None:
    install_hook(project, python=python)
    other = executable(Path(python).with_name("python-new"), OURS)
    assert install_hook(project, python=str(other)).changed
    Path(python).unlink()
    assert hook_status(project).state is HookState.INSTALLED


def test_an_edited_hook_of_ours_is_outdated_and_renewed(project: Project, python: str) -> None:
    install_hook(project, python=python)
    with hook_of(project).open("ab") as hook:
        hook.write(b"exit 0\n")
    assert hook_status(project).state is HookState.OUTDATED
    install_hook(project, python=python)
    assert hook_status(project).state is HookState.INSTALLED


@pytest.mark.parametrize("mode", [0o755, 0o644])
def test_uninstalling_restores_the_other_hook_to_the_byte(
    project: Project, python: str, mode: int
) -> None:
    executable(hook_of(project), FOREIGN).chmod(mode)
    assert hook_status(project).state is HookState.FOREIGN
    install_hook(project, python=python)
    uninstall_hook(project)
    assert hook_of(project).read_bytes() == FOREIGN
    assert stat.S_IMODE(hook_of(project).stat().st_mode) == mode
    assert not hook_of(project).with_name("pre-push.before-aigf").exists()


def test_uninstalling_removes_our_hook(project: Project, python: str) -> None:
    install_hook(project, python=python)
    assert uninstall_hook(project).state is HookState.NOT_INSTALLED
    assert not hook_of(project).exists()


def test_uninstalling_leaves_a_foreign_hook_alone(project: Project) -> None:
    executable(hook_of(project), FOREIGN)
    assert not uninstall_hook(project).changed
    assert hook_of(project).read_bytes() == FOREIGN


def test_a_second_foreign_hook_is_not_written_over(project: Project, python: str) -> None:
    executable(hook_of(project), FOREIGN)
    executable(hook_of(project).with_name("pre-push.before-aigf"), b"#!/bin/sh\n")
    with pytest.raises(InputError, match="another hook"):
        install_hook(project, python=python)
    assert hook_of(project).read_bytes() == FOREIGN


def test_a_linked_work_tree_shares_the_hook(
    project: Project, python: str, tmp_path: Path, home: Path
) -> None:
    linked = tmp_path / "linked"
    git(project.root, "worktree", "add", "-q", "-b", "other", str(linked))
    install_hook(Project(root=linked, repository=linked, prefix=""), python=python)
    assert hook_of(project).exists()
    git(linked, "push", "-q", "origin", "other")
    assert "refs/heads/other" in (home / "our-stdin").read_text()


@pytest.mark.parametrize("inside_git", [True, False])
def test_the_repositorys_own_hooks_path_is_respected(
    project: Project, python: str, tmp_path: Path, home: Path, inside_git: bool
) -> None:
    folder = project.root / ".git" / "own hooks" if inside_git else tmp_path / "own hooks"
    git(project.root, "config", "core.hooksPath", ".git/own hooks" if inside_git else str(folder))
    assert install_hook(project, python=python).path == folder / "pre-push"
    assert not hook_of(project).exists()
    git(project.root, "push", "-q", "origin", "main")
    assert (home / "our-args").exists()


@pytest.mark.parametrize(
    ("setting", "file"), [(".hooks", ".hooks/pre-push"), (".husky/_", ".husky/pre-push")]
)
def test_hooks_in_the_work_tree_are_not_written_but_the_line_to_add_is_given(
    project: Project, python: str, setting: str, file: str
) -> None:
    git(project.root, "config", "core.hooksPath", setting)
    status = install_hook(project, python=python)
    assert status.state is HookState.ELSEWHERE
    assert status.hint == (
        f'let this be the first command in {project.root / file}: aigf hook pre-push "$@" || exit'
    )
    assert git(project.root, "status", "--porcelain") == ""
    assert not hook_of(project).exists()


def test_hooks_that_other_repositories_share_are_not_written(
    project: Project, python: str, tmp_path: Path
) -> None:
    git(project.root, "config", "--global", "core.hooksPath", str(tmp_path / "shared"))
    status = install_hook(project, python=python)
    assert status.state is HookState.ELSEWHERE
    assert "global" in status.detail
    assert not (tmp_path / "shared").exists()


@pytest.mark.parametrize("shell", [("dash",), ("busybox", "sh"), ("bash", "--posix")], ids=" ".join)
def test_every_plain_shell_runs_both_hooks_and_keeps_their_exit_codes(
    project: Project, python: str, home: Path, shell: tuple[str, ...]
) -> None:
    executable(hook_of(project), FOREIGN)
    install_hook(project, python=python)
    line = b"refs/heads/main 1 refs/heads/main 2\n"
    for ours, foreign, expected in ((0, 0, 0), (3, 0, 3), (0, 7, 7)):
        codes = {"OUR_EXIT": str(ours), "FOREIGN_EXIT": str(foreign)}
        outcome = subprocess.run(
            [*shell, str(hook_of(project)), "origin", "u"], input=line, capture_output=True,
            check=False, env={**os.environ, **codes},
        )  # fmt: skip
        assert (outcome.returncode, outcome.stderr) == (expected, b"")
    assert (home / "our-stdin").read_bytes() == (home / "foreign-stdin").read_bytes() == line


def test_shellcheck_finds_nothing_in_the_script(project: Project) -> None:
    install_hook(project)
    found = subprocess.run(
        ["shellcheck", "--severity=style", "--shell=sh", str(hook_of(project))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (0, "")


@pytest.mark.parametrize(
    ("python", "line"),
    [
        (r"C:\Program Files\Python 3\python.exe", b"python='C:/Program Files/Python 3/python.exe'"),
        (r"\\server\share\it's\python.exe", b"python='//server/share/it'\"'\"'s/python.exe'"),
        (r"/opt/a\b/python", rb"python='/opt/a\b/python'"),
    ],
)
def test_a_windows_path_is_written_as_the_shell_of_git_for_windows_reads_it(
    project: Project, python: str, line: bytes
) -> None:
    install_hook(project, python=python)
    script = hook_of(project).read_bytes()
    assert line in script.split(b"\n")
    assert b"\r" not in script


def test_a_submodule_has_a_hook_of_its_own(project: Project, python: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "part")
    git(tmp_path / "part", "commit", "-q", "--allow-empty", "-m", "Start")
    local = ("-c", "protocol.file.allow=always")
    git(project.root, *local, "submodule", "--quiet", "add", str(tmp_path / "part"), "sub")
    inside = project.root / "sub"
    status = install_hook(Project(root=inside, repository=inside, prefix=""), python=python)
    assert status.path == project.root / ".git" / "modules" / "sub" / "hooks" / "pre-push"
    assert not hook_of(project).exists()


def test_gits_variables_of_another_repository_lead_nobody_astray(
    project: Project, python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert install_hook(project, python=python).path == hook_of(project)


def test_a_line_in_the_teams_hook_counts_and_a_comment_does_not(
    project: Project, python: str
) -> None:
    git(project.root, "config", "core.hooksPath", ".hooks")
    own = executable(project.root / ".hooks" / "pre-push", b"# aigf hook pre-push\n")
    assert hook_status(project).state is HookState.ELSEWHERE
    own.write_bytes(b'aigf hook pre-push "$@" || exit\n')
    assert hook_status(project).state is HookState.CALLED
    assert not install_hook(project, python=python).changed


def test_a_hook_of_ones_own_that_calls_us_late_is_warned_of(project: Project) -> None:
    line = b'aigf hook pre-push "$@" || exit\n'
    executable(hook_of(project), b"#!/bin/sh\nnpm test\n" + line)
    assert hook_status(project).state is HookState.CALLED
    assert "be the first command" in hook_status(project).hint
    executable(hook_of(project), b"#!/bin/sh\n" + line)
    assert hook_status(project).hint == ""


def test_a_line_that_stands_after_other_commands_is_to_be_moved_up(project: Project) -> None:
    git(project.root, "config", "core.hooksPath", ".hooks")
    line = b'aigf hook pre-push "$@" || exit\n'
    own = executable(project.root / ".hooks" / "pre-push", b"#!/bin/sh\nnpm test\n" + line)
    late = hook_status(project)
    assert late.is_active
    assert "after other commands" in late.text
    assert "be the first command" in late.hint
    own.write_bytes(b"#!/bin/sh\n" + line + b"npm test\n")
    assert (hook_status(project).detail, hook_status(project).hint) == ("it has the line", "")


def test_a_hook_that_is_out_of_force_can_still_be_removed(project: Project, python: str) -> None:
    executable(hook_of(project), FOREIGN)
    install_hook(project, python=python)
    git(project.root, "config", "core.hooksPath", ".hooks")
    assert uninstall_hook(project).changed
    assert hook_of(project).read_bytes() == FOREIGN


@pytest.mark.parametrize(
    ("other", "hint"),
    [("# File generated by pre-commit", ""), ("call_lefthook run", "when lefthook.yml")],
)
def test_beside_ours_only_that_is_advised_which_can_put_it_out_of_force(
    project: Project, python: str, other: str, hint: str
) -> None:
    executable(hook_of(project), f"#!/bin/sh\n{other}\n".encode())
    found = install_hook(project, python=python)
    assert (found.state, found.chained) == (HookState.INSTALLED, True)
    assert found.hint.startswith(hint)
    assert bool(found.hint) is bool(hint)


def test_a_hook_of_lefthook_that_was_written_anew_takes_the_place_of_the_kept_one(
    project: Project, python: str
) -> None:
    executable(hook_of(project), b"#!/bin/sh\ncall_lefthook run pre-push\n")
    install_hook(project, python=python)
    newer = b"#!/bin/sh\n# newer\ncall_lefthook run pre-push\n"
    executable(hook_of(project), newer)
    assert install_hook(project, python=python).is_active
    assert hook_of(project).with_name("pre-push.before-aigf").read_bytes() == newer
