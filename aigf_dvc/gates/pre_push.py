"""The gate before a git push: judges the commits that are pushed, from git objects alone.

Which branches are protected and under which policy is read from the base, a commit that the
remote already has, or another remote when nothing is known of this one, so that a push cannot
switch its own gate off. A hook is advice
(`git push --no-verify` passes it by), so the same judgement belongs in CI.
"""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from aigf_dvc.actions.check import Question, check_snapshot
from aigf_dvc.capture.commit_snapshot import CommitSnapshot
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy import read_snapshot_policy
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Gate, Result, Verdict
from aigf_dvc.settings import FILE_NAME, Settings

_NOTHING = frozenset("0")
_MAIN = ("HEAD", "main", "master")
# The source may be any revision (`HEAD^{/fix it}`), blanks included; the rest has none.
_LINE = re.compile(
    r"(?P<source>[^\n]+) (?P<local>[0-9a-f]{40,64}) (?P<ref>[^ \n]+) (?P<remote>[0-9a-f]{40,64})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRef:
    """One line of git's standard input to the hook."""

    local_ref: str
    local_id: str
    remote_ref: str
    remote_id: str

    @property
    def is_deletion(self) -> bool:
        """Tell whether the push removes the ref."""
        return set(self.local_id) == _NOTHING

    @property
    def is_new(self) -> bool:
        """Tell whether the remote does not have the ref yet."""
        return set(self.remote_id) == _NOTHING

    @property
    def short(self) -> str:
        """Return the ref's name as people say it."""
        return self.remote_ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the gate says of one pushed ref, in one project of the repository."""

    ref: PushedRef
    commit: str = ""
    project: str = ""  # its folder; empty for the top
    protected: bool = False
    base: str = ""  # the commit whose policy was applied
    verdicts: tuple[Verdict, ...] = ()
    changed_governance: tuple[str, ...] = ()  # files that the push changes, and the base judges by
    note: str = ""  # why there is no verdict
    problem: AigfError | None = None

    @property
    def refused(self) -> bool:
        """Tell whether the push must stop: only a protected ref stops it."""
        failed = any(verdict.result is not Result.PASSED for verdict in self.verdicts)
        return self.protected and (failed or self.problem is not None)


def read_pushed_refs(data: bytes) -> tuple[PushedRef, ...]:
    """Read what git writes to the hook; no lines mean that nothing is pushed.

    Raises:
        InputError: a line has another form.
    """
    text = data.decode(errors="surrogateescape")  # a branch may have any bytes for a name
    refs = []
    for line in text.removesuffix("\n").split("\n") if text else ():
        match = _LINE.fullmatch(line)
        if match is None:
            raise InputError(
                repr(line), where="standard input", expected="`local-ref id remote-ref id`",
                hint="git starts this hook; install it with `aigf hook install`",
            )  # fmt: skip
        refs.append(
            PushedRef(
                local_ref=match["source"],
                local_id=match["local"],
                remote_ref=match["ref"],
                remote_id=match["remote"],
            )
        )
    return tuple(refs)


def judge_push(
    start: Path, remote: str, refs: Iterable[PushedRef], *, today: date
) -> tuple[Judged, ...]:
    """Judge every pushed ref.

    Args:
        start: a folder in the work tree, or a bare repository.
        remote: the remote's name, as git gives it to the hook.
        refs: what is pushed.
        today: the day in UTC.
    """
    with GitObjects(start) as objects:
        gate = _Gate(start, remote, objects, today)
        return tuple(judged for ref in refs for judged in gate.judge(ref))


class _Gate:
    """One run of the hook."""

    def __init__(self, repository: Path, remote: str, objects: GitObjects, today: date) -> None:
        self._repository = repository
        self._remote = remote
        self._objects = objects
        self._today = today

    def judge(self, ref: PushedRef) -> list[Judged]:
        if ref.is_deletion:
            return [Judged(ref=ref, note="is deleted")]
        if not ref.remote_ref.startswith(("refs/heads/", "refs/tags/")):
            return [Judged(ref=ref, note="is neither a branch nor a tag")]
        commit, base = "", ""
        try:
            commit = program.resolve_commit(self._repository, ref.local_id)
            base = self._base(ref) or commit
            folders = self._projects(base, commit)
        except AigfError as error:
            return [Judged(ref=ref, commit=commit, protected=True, problem=error)]
        if not folders:
            return [Judged(ref=ref, commit=commit, note=f"has no {FILE_NAME}: nothing is governed")]
        return [self._judge_project(ref, commit, base, folder) for folder in folders]

    def _base(self, ref: PushedRef) -> str | None:
        """Return a commit that a remote has: of this ref, of its main branch, or of another's."""
        known = [] if ref.is_new else [ref.remote_id]
        known += [f"refs/remotes/{self._remote}/{branch}" for branch in _MAIN]
        return self._first_commit(known) or self._first_commit(self._main_branches())

    def _first_commit(self, names: Iterable[str]) -> str | None:
        for name in names:
            outcome = program.attempt(
                self._repository,
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{name}^{{commit}}",
            )
            if outcome.returncode == 0:
                return outcome.stdout.decode().strip()
        return None

    def _main_branches(self) -> list[str]:
        """Return the main branches of every remote: a push by URL names none of them."""
        listed = program.git(
            self._repository,
            "for-each-ref",
            "--format=%(refname)",
            *(f"refs/remotes/*/{branch}" for branch in _MAIN),
        )
        names = listed.decode(errors="surrogateescape").split("\n")
        return sorted(filter(None, names), key=_origin_first)

    def _projects(self, base: str, commit: str) -> list[str]:
        """Return the folder of each aigf.yaml, of the base too: a push cannot take it away."""
        found = set()
        for tree in {base, commit}:
            files = CommitSnapshot(self._objects, tree).files()
            found |= {posixpath.dirname(f) for f in files if posixpath.basename(f) == FILE_NAME}
        return sorted(found)

    def _judge_project(self, ref: PushedRef, commit: str, base: str, folder: str) -> Judged:
        protected, rules_at = True, base
        changed: tuple[str, ...] = ()
        verdicts: tuple[Verdict, ...] = ()
        problem: AigfError | None = None
        try:
            rules_at = self._rules_at(base, commit, folder)
            governing = CommitSnapshot(self._objects, rules_at, prefix=folder)
            settings = load_settings(governing)
            protected = is_protected(ref, settings)
            pushed = CommitSnapshot(self._objects, commit, prefix=folder)
            changed = _changed(governing, pushed, (FILE_NAME, settings.policy))
            policy = read_snapshot_policy(governing, settings.policy)
            changed += _changed(governing, pushed, (part.path for part in policy.parts))
            verdicts = self._verdicts(pushed, settings, policy, folder)
        except AigfError as error:
            problem = error
        return Judged(
            ref=ref,
            commit=commit,
            project=folder,
            protected=protected,
            base=rules_at,
            verdicts=verdicts,
            changed_governance=tuple(posixpath.join(folder, path) for path in changed),
            problem=problem,
        )

    def _rules_at(self, base: str, commit: str, folder: str) -> str:
        """Return the commit that governs: the base, unless the project is new in this push."""
        path = posixpath.join(folder, FILE_NAME)
        return base if CommitSnapshot(self._objects, base).is_in_git(path) else commit

    def _verdicts(
        self, snapshot: CommitSnapshot, settings: Settings, policy: Policy, folder: str
    ) -> tuple[Verdict, ...]:
        project = Project(
            root=self._repository / folder, repository=self._repository, prefix=folder
        )
        question = Question(
            project=project, at=Gate.PUSH, today=self._today, revision=snapshot.commit
        )
        return check_snapshot(
            question,
            snapshot,
            _all_models(settings, snapshot),
            policy,
            objects=self._objects,
        )


def _changed(
    governing: CommitSnapshot, pushed: CommitSnapshot, paths: Iterable[str]
) -> tuple[str, ...]:
    """Return the files that say how to judge, and that the push has otherwise."""
    return tuple(path for path in paths if governing.entry(path) != pushed.entry(path))


def _all_models(settings: Settings, pushed: CommitSnapshot) -> Settings:
    """Return the base's settings, with the models as the push defines them beside its own.

    A push can take no model away. One that it defines otherwise is judged by both definitions; by
    the new one alone when no stage makes the old path any more: then it has moved.
    """
    known = {model.name: model for model in settings.models}
    new = [model for model in load_settings(pushed).models if known.get(model.name) != model]
    again = {model.name for model in new} & known.keys()
    made = read_pipeline(pushed).producers() if again else {}
    kept = [model for model in settings.models if model.name not in again or model.path in made]
    return replace(settings, models=(*kept, *new))


def is_protected(ref: PushedRef, settings: Settings) -> bool:
    """Tell whether a pushed ref is protected: a listed branch, or a tag that promotes a model."""
    if ref.remote_ref.startswith("refs/tags/"):
        return "#" in ref.short  # GTO: `model#prod#3`
    return any(fnmatchcase(ref.short, pattern) for pattern in settings.protected)


def _origin_first(name: str) -> tuple[bool, str]:
    return not name.startswith("refs/remotes/origin/"), name
