"""What a push may bring when only one of its refs is told, as the pre-commit framework does.

pre-commit reads git's list of pushed refs itself, and passes the first one on in variables. The
others are not known, so every branch that the remote is not known to have as it stands here counts
as pushed. Unknown stay other tags, and branches that are pushed under a name that git is not
configured to give them.

See: https://pre-commit.com/#pre-push
"""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.gates.pushed_refs import PushedRef
from aigf_dvc.git import program

_HEADS = "refs/heads/"
_NOTHING = "0" * 40


class Told(Struct, frozen=True, kw_only=True):
    """The one ref that is told, and where it goes."""

    remote: str
    local_ref: str
    remote_ref: str
    local_id: str = ""  # empty: that of local_ref


def told_by_pre_commit(variables: Mapping[str, str]) -> Told:
    """Return what pre-commit tells.

    Raises:
        InputError: it did not start this.
    """
    names = ("PRE_COMMIT_REMOTE_NAME", "PRE_COMMIT_LOCAL_BRANCH", "PRE_COMMIT_REMOTE_BRANCH")
    remote, local_ref, remote_ref = (variables.get(name, "") for name in names)
    if not (remote and local_ref and remote_ref):
        missing = ", ".join(name for name in names if not variables.get(name))
        raise InputError(
            f"no {missing}",
            where="the environment",
            expected="what pre-commit sets for a hook of the stage pre-push",
            hint="`stages: [pre-push]` in .pre-commit-config.yaml, and `pre-commit install -t "
            "pre-push`; without pre-commit: `aigf hook install`",
        )
    return Told(
        remote=remote,
        local_ref=local_ref,
        remote_ref=remote_ref,
        local_id=variables.get("PRE_COMMIT_TO_REF", ""),
    )


def refs_with_untold(repository: Path, told: Told) -> tuple[PushedRef, ...]:
    """Return the ref that is told, then every branch that may be pushed with it.

    Raises:
        UndecidedError: git refused, or the ref that is told is not there.
    """
    seen = _ids(repository, f"refs/remotes/{told.remote}/")
    known = {_HEADS + name: commit for name, commit in seen.items()}
    first = PushedRef(
        local_ref=told.local_ref,
        local_id=told.local_id or _id(repository, told.local_ref),
        remote_ref=told.remote_ref,
        remote_id=known.get(told.remote_ref, _NOTHING),
    )
    others = (
        PushedRef(
            local_ref=local,
            local_id=commit,
            remote_ref=target,
            remote_id=known.get(target, _NOTHING),
        )
        for local, commit, target in _branches(repository, told.remote)
        if known.get(target) != commit
    )
    return (first, *(ref for ref in others if ref.remote_ref != first.remote_ref))


def _branches(repository: Path, remote: str) -> list[tuple[str, str, str]]:
    """Return each branch, its commit, and the name that git would push it under."""
    form = "--format=%(refname)%00%(objectname)%00%(push)"  # the last: its twin in refs/remotes
    folder = f"refs/remotes/{remote}/"
    listed = program.git(repository, "for-each-ref", form, _HEADS)
    found = []
    for line in listed.decode(errors="surrogateescape").splitlines():
        local, commit, twin = line.split("\0")
        is_there = twin.startswith(folder)
        found.append((local, commit, _HEADS + twin.removeprefix(folder) if is_there else local))
    return found


def _ids(repository: Path, folder: str) -> dict[str, str]:
    """Return the object of each ref in a folder, by its name there."""
    listed = program.git(repository, "for-each-ref", "--format=%(objectname) %(refname)", folder)
    lines = (
        line.split(" ", 1) for line in listed.decode(errors="surrogateescape").split("\n") if line
    )
    return {name.removeprefix(folder): commit for commit, name in lines}


def _id(repository: Path, ref: str) -> str:
    found = program.attempt(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", ref)
    commit = found.stdout.decode().strip()
    if found.returncode or not commit:
        raise UndecidedError(
            f"no ref {ref!r}", where=str(repository), expected="the one that is pushed",
            hint="push by `git push`; `aigf hook install` judges without pre-commit",
        )  # fmt: skip
    return commit
