"""The only place that runs git; nothing in the repository or the environment may steer it.

A repository under judgement can hold settings that run programs (fsmonitor, filters, hooks,
remote helpers of a partial clone) or that show other objects than the stored ones (replace refs,
grafts). Every call here switches those off, and drops all `GIT_*` variables, which a hook's
environment sets and which can point at another repository.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from aigf_dvc.errors import AigfError, InputError, UndecidedError

_OPTIONS = (
    "--no-replace-objects",
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.quotePath=false",
    "-c", "gc.auto=0",
)  # fmt: skip
TRANSFER_PROTOCOLS = "file:git:http:https:ssh"  # all but `ext`, which runs any command
_QUARANTINE = ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
_quarantined: ContextVar[Mapping[str, str] | None] = ContextVar("_quarantined", default=None)


@contextmanager
def quarantine(variables: Mapping[str, str]) -> Iterator[None]:
    """Let git read what a push brings before it is accepted: git keeps that apart.

    Only object folders are added, and objects are held to their names; refs, settings and hooks
    stay those of the repository.

    Args:
        variables: those that git set for its pre-receive hook; without a quarantine none count.

    See: https://git-scm.com/docs/git-receive-pack#_quarantine_environment
    """
    named = {name: variables[name] for name in _QUARANTINE if variables.get(name)}
    token = _quarantined.set(named if _QUARANTINE[0] in named else None)
    try:
        yield
    finally:
        _quarantined.reset(token)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for git: the user's own, without any `GIT_*` variable but ours."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",  # git >= 2.44; before that, the next line stops the helper
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        **(_quarantined.get() or {}),
        **(extra or {}),
    }


def command(repository: Path, *arguments: str) -> list[str]:
    """Return a git command line with the fixed options."""
    return ["git", "-C", str(repository), *_OPTIONS, *arguments]


def git(
    repository: Path,
    *arguments: str,
    data: bytes | None = None,
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """Run git and return what it printed.

    Args:
        repository: a folder inside the work tree, or a bare repository.
        arguments: git's own.
        data: for its standard input.
        extra: variables to add to its environment.

    Raises:
        UndecidedError: git is not there, or refused; the message is git's own.
    """
    outcome = attempt(repository, *arguments, data=data, extra=extra)
    if outcome.returncode:
        raise failure(repository, outcome.stderr)
    return outcome.stdout


def git_version() -> str:
    """Return what git says of its version.

    Raises:
        UndecidedError: git is not there.
    """
    try:
        said = subprocess.run(["git", "--version"], capture_output=True, check=False)
    except FileNotFoundError:
        raise missing_git() from None
    return said.stdout.decode(errors="replace").strip()


def transfer(repository: Path, *arguments: str) -> None:
    """Run `git push` or `git fetch`: the only calls that may reach another repository.

    Raises:
        UndecidedError: git refused; the message is git's own.
    """
    git(repository, *arguments, extra={"GIT_ALLOW_PROTOCOL": TRANSFER_PROTOCOLS})


def attempt(
    repository: Path,
    *arguments: str,
    data: bytes | None = None,
    extra: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git and return the outcome, whatever it is."""
    try:
        return subprocess.run(
            command(repository, *arguments),
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            check=False,
            env=environment(extra),
        )
    except FileNotFoundError:
        raise missing_git() from None


def missing_git() -> AigfError:
    """Return the error for a machine without git."""
    return UndecidedError("git is not installed", expected="`git` on the PATH", hint="install git")


def failure(repository: Path, stderr: bytes) -> AigfError:
    """Return git's refusal as an error of ours."""
    text = stderr.decode(errors="replace").strip()
    first = text.splitlines()[0].removeprefix("fatal: ") if text else "git failed"
    if "not a git repository" in text:
        return InputError(
            "not a git repository",
            where=str(repository),
            expected="a folder inside a git work tree",
            hint="go to a project, or name one; a new one starts with `git init` and `dvc init`",
        )
    hint = (
        "git distrusts what another user owns: `git config --global --add safe.directory DIR`"
        if "dubious ownership" in text
        else ""
    )
    return UndecidedError(f"git: {first}", where=str(repository), hint=hint)


def work_tree(folder: Path) -> Path:
    """Return the top folder of the work tree that a folder is in.

    Raises:
        InputError: the folder is not in a git work tree.
    """
    out = git(folder, "rev-parse", "--show-toplevel").decode(errors="surrogateescape")
    return Path(out.removesuffix("\n"))


def resolve_commit(repository: Path, revision: str) -> str:
    """Return the commit that a revision names.

    Raises:
        InputError: no such commit, or the repository has none yet.
    """
    outcome = attempt(
        repository, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
    )
    if outcome.returncode == 0:
        return outcome.stdout.decode().strip()
    work_tree(repository)  # says so when it is no repository at all
    has_head = attempt(repository, "rev-parse", "--verify", "--quiet", "HEAD").returncode == 0
    empty = revision == "HEAD" and not has_head
    if revision == "HEAD" and has_head:
        raise UndecidedError(
            "HEAD names a commit that cannot be read", where=str(repository), hint="`git fsck`"
        )
    raise InputError(
        "the repository has no commit yet" if empty else f"no commit named {revision!r}",
        where=str(repository),
        expected="a commit",
        hint="commit first: `git add -A && git commit`"
        if empty
        else "`git log --oneline` lists them",
    )
