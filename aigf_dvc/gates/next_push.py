"""Tells what the push gate would say if the current branch were pushed now; nothing is sent."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from aigf_dvc.errors import UndecidedError
from aigf_dvc.gates.pre_push import Judged, judge_push
from aigf_dvc.gates.pushed_refs import PushedRef
from aigf_dvc.git import program
from aigf_dvc.policy.verdict import Outcome, Result
from aigf_dvc.report.doctor_text import Health, Line

_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
_SUBJECT = "next push"
_NOTHING = "0" * 40
_SHORT = 12


class NextPush(Struct, frozen=True, kw_only=True):
    """Where the current branch would go, as git is configured, and as the remote was seen last."""

    remote: str
    ref: PushedRef


def look_at_next_push(repository: Path, *, today: date) -> Iterator[Line]:
    """Say whether a push of the current branch would be refused.

    Args:
        repository: the top of the work tree.
        today: the day in UTC.

    Raises:
        UndecidedError: git refused.
    """
    found = find_next_push(repository)
    if isinstance(found, str):
        yield Line(health=Health.OK, subject=_SUBJECT, text=found)
        return
    way = f"{found.ref.local_ref.removeprefix(_HEADS)} to {found.remote}/{found.ref.short}"
    if found.ref.local_id == found.ref.remote_id:
        yield Line(health=Health.OK, subject=_SUBJECT, text=f"{way}: nothing to push")
        return
    for judged in judge_push(repository, found.remote, [found.ref], today=today):
        yield _line(judged, way)


def find_next_push(repository: Path) -> NextPush | str:
    """Return what `git push` would push, or why nothing can be said.

    Raises:
        UndecidedError: git refused.
    """
    head = program.attempt(repository, "symbolic-ref", "--quiet", "HEAD")
    branch = head.stdout.decode(errors="surrogateescape").strip()
    if head.returncode or not branch.startswith(_HEADS):
        return "HEAD is on no branch"
    form = "--format=%(objectname)%00%(push)%00%(push:remotename)"
    listed = program.git(repository, "for-each-ref", form, branch)
    if not listed.strip():
        return "the branch has no commit yet"
    commit, twin, named = listed.decode(errors="surrogateescape").strip("\n").split("\0")
    remotes = program.git(repository, "remote").decode(errors="surrogateescape").split()
    remote = named if named in remotes else _only(remotes)
    if not remote:
        return "there is no remote that a plain `git push` would go to"
    folder = f"{_REMOTES}{remote}/"
    target = twin.removeprefix(folder) if twin.startswith(folder) else branch.removeprefix(_HEADS)
    seen = program.attempt(repository, "rev-parse", "--verify", "--quiet", f"{folder}{target}")
    ref = PushedRef(
        local_ref=branch,
        local_id=commit,
        remote_ref=_HEADS + target,
        remote_id=seen.stdout.decode().strip() or _NOTHING,
    )
    return NextPush(remote=remote, ref=ref)


def _only(remotes: list[str]) -> str:
    if "origin" in remotes:
        return "origin"
    return remotes[0] if len(remotes) == 1 else ""


def _line(judged: Judged, way: str) -> Line:
    """Return what the gate says of one project of the pushed commit."""
    place = f" ({judged.project})" if judged.project else ""
    at = f"{way}{place} at {judged.commit[:_SHORT]}"
    see = "`aigf check --rev HEAD --at push` shows all of it"
    if judged.problem is not None:
        text, hint = f"{at}: cannot be judged: {judged.problem}", judged.problem.hint
        cannot = isinstance(judged.problem, UndecidedError)
        health = Health.PROBLEM if judged.refused else Health.WARNING
        return Line(health=health, subject=_SUBJECT, text=text, fix=hint or see, looked=not cannot)
    if judged.note:  # of a branch: nothing is governed there
        fix = "`aigf init`, and commit what it wrote"
        return Line(health=Health.WARNING, subject=_SUBJECT, text=f"{way} {judged.note}", fix=fix)
    rules = ", ".join(_denied(judged)) or "undecided"
    if judged.refused:
        text = f"{at}: would be REFUSED ({rules})"
        return Line(health=Health.PROBLEM, subject=_SUBJECT, text=text, fix=see)
    if any(verdict.result is not Result.PASSED for verdict in judged.verdicts):
        text = f"{at}: goes, as it is not protected; it would be denied ({rules})"
        return Line(health=Health.WARNING, subject=_SUBJECT, text=text, fix=see)
    return Line(health=Health.OK, subject=_SUBJECT, text=f"{at}: passes")


def _denied(judged: Judged) -> Iterator[str]:
    for verdict in judged.verdicts:
        for finding in verdict.findings:
            if finding.outcome is Outcome.DENIED:
                yield finding.rule
