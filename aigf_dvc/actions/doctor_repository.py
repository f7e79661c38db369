"""Looks at a git repository: its hook, what it holds, and what its commits say of the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from aigf_dvc.actions.hook_install import HookState, hook_status
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import UndecidedError
from aigf_dvc.git import program
from aigf_dvc.report.doctor_text import Health, Line
from aigf_dvc.stores.git_ref import GitRefStore

_SKEW = timedelta(minutes=5)
_PRIVATE_KEY = "^-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----"
_NONE_FOUND = 1  # git grep's exit status


def look_at_repository(project: Project) -> Iterator[Line]:
    """Say where the repository is, and whether it has all of its history and a remote."""
    folder = project.repository
    shallow = program.git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"
    if shallow:
        yield Line(
            health=Health.WARNING, subject="repository",
            text=f"{folder} is shallow: the push gate and authors need history that is not here",
            fix="`git fetch --unshallow`",
        )  # fmt: skip
    remotes = program.git(folder, "remote").decode(errors="replace").split()
    if not remotes:
        yield Line(
            health=Health.WARNING, subject="repository", text=f"{folder} has no remote",
            fix="`git remote add origin URL`: what the remote has already says how a push is "
            "judged",
        )  # fmt: skip
    if not shallow and remotes:
        place = f" (project in {project.prefix})" if project.prefix else ""
        yield Line(health=Health.OK, subject="repository", text=f"{folder}{place}")
    if not (project.root / ".dvc").is_dir():
        yield Line(
            health=Health.WARNING, subject="repository", text=f"{project.root} has no .dvc folder",
            fix="`dvc init` in the project's folder",
        )  # fmt: skip


def look_at_hook(project: Project) -> Iterator[Line]:
    """Say whether a push runs the gate."""
    found = hook_status(project)
    text = f"{found.state.value}: {found.path}" + (f" ({found.detail})" if found.detail else "")
    if found.is_active:
        health = Health.WARNING if found.hint else Health.OK
    else:
        missing = found.state is HookState.NOT_INSTALLED
        health = Health.WARNING if missing else Health.PROBLEM
    yield Line(health=health, subject="hook", text=text, fix=found.hint)


def look_at_committed_keys(project: Project) -> Iterator[Line]:
    """Say whether the last commit holds a private key."""
    folder = project.repository
    if program.attempt(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        return
    found = program.attempt(
        folder, "grep", "-z", "-l", "-I", "-E", "-e", _PRIVATE_KEY, "HEAD", "--", ":/"
    )
    if found.returncode == _NONE_FOUND:
        yield Line(health=Health.OK, subject="keys", text="no private key is committed")
        return
    if found.returncode:
        raise UndecidedError(
            "git cannot search the last commit", where=str(folder), hint="git fsck"
        )
    names = [
        name.removeprefix("HEAD:") for name in found.stdout.decode(errors="replace").split("\0")
    ]
    yield Line(
        health=Health.PROBLEM, subject="keys",
        text=f"a private key is committed: {', '.join(filter(None, names))}",
        fix="whoever can read the repository can sign with it: make a new one outside of it "
        "(`aigf key generate`), and take the old one out of every trust file",
    )  # fmt: skip


def look_at_clock(project: Project, *, at: datetime) -> Iterator[Line]:
    """Say whether the clock is behind the newest commit that is here.

    Args:
        project: whose repository.
        at: the clock, UTC.
    """
    listed = program.git(
        project.repository, "for-each-ref", "--sort=-committerdate", "--count=1",
        "--format=%(committerdate:unix) %(refname)", "refs/heads", "refs/remotes",
    ).decode(errors="replace")  # fmt: skip
    if not listed.strip():
        return
    seconds, _, ref = listed.strip().partition(" ")
    newest = datetime.fromtimestamp(int(seconds), UTC)
    if newest > at + _SKEW:
        yield Line(
            health=Health.PROBLEM, subject="clock",
            text=f"it says {at.isoformat()}, but the newest commit ({ref}) is of "
            f"{newest.isoformat()}",
            fix="set this machine's clock (a time server); or that of whoever made the commit",
        )  # fmt: skip
    else:
        text = f"{at.isoformat()}: not behind any commit here"
        yield Line(health=Health.OK, subject="clock", text=text)


def look_at_attestations(project: Project) -> Iterator[Line]:
    """Say how many attestations are here, and how many a remote was not seen to have."""
    store = GitRefStore(project.repository)
    count, unsent = store.count(), store.count_unsent()
    if unsent:
        yield Line(
            health=Health.WARNING, subject="attestations",
            text=f"{count} here; {unsent} of them no remote was seen to have",
            fix="`aigf push` sends them; `aigf pull` looks at what is there",
        )  # fmt: skip
    else:
        yield Line(health=Health.OK, subject="attestations", text=f"{count} here, none unsent")
