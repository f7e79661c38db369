"""The gate before a git push: judges the commits that are pushed, from git objects alone.

What is protected and under which policy is read from the base, which the remote already has, so
that a push cannot switch its own gate off. A hook is advice (`git push --no-verify` passes it by),
so the same judgement belongs in CI.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.base_rules import (
    BaseRules,
    GovernanceChange,
    governance_change,
    governed_models,
    rules_of,
)
from aigf_dvc.actions.check import Question, check_snapshot
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError
from aigf_dvc.gates.project_folders import ProjectFolders
from aigf_dvc.gates.promotion import Promotion, read_promotion
from aigf_dvc.gates.push_base import PushBase
from aigf_dvc.gates.pushed_refs import PushedRef
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Gate, Result, Verdict
from aigf_dvc.settings import FILE_NAME, Settings
from aigf_dvc.trees.commit_snapshot import CommitSnapshot

if TYPE_CHECKING:
    from aigf_dvc.gates.attested import Attesters

_MOST_UNPROTECTED = 8  # commits that are judged for information only
_MOST_COMMITS = 10_000


class Judged(Struct, frozen=True, kw_only=True):
    """What the gate says of one commit of a pushed ref, in one project of the repository."""

    ref: PushedRef
    commit: str = ""
    project: str = ""  # its folder; empty for the top
    protected: bool = False
    base: str = ""  # the commit whose policy was applied
    verdicts: tuple[Verdict, ...] = ()
    attested: tuple[str, ...] = ()  # the models of a promotion that have their attestation
    unattested: tuple[str, ...] = ()  # why the others do not
    signers_known: bool = False  # whether it was looked at who attested
    changed_governance: tuple[str, ...] = ()  # files that the push changes, and the base judges by
    policies: tuple[Policy, Policy] | None = None  # the base's and the push's, when they differ
    note: str = ""  # why there is no verdict
    problem: AigfError | None = None

    @property
    def refused(self) -> bool:
        """Tell whether the push must stop: only a protected ref stops it."""
        failed = any(verdict.result is not Result.PASSED for verdict in self.verdicts)
        return self.protected and (failed or bool(self.unattested) or self.problem is not None)


def judge_push(
    start: Path,
    remote: str | None,
    refs: Iterable[PushedRef],
    *,
    today: date,
    attesters: "Attesters | None" = None,
) -> tuple[Judged, ...]:
    """Judge every pushed ref.

    Args:
        start: a folder in the work tree, or a bare repository.
        remote: the remote's name, as git gives it to the hook; None: the push arrives here.
        refs: what is pushed.
        today: the day in UTC.
        attesters: who may have attested what is promoted; None: nobody looks at that here.
    """
    pushed = tuple(refs)
    if not pushed:
        return ()
    with GitObjects(start) as objects:
        gate = _Gate(start, objects, PushBase(start, objects, remote, pushed), today, attesters)
        return tuple(judged for ref in pushed for judged in gate.judge(ref))


class _Gate:
    """One run of the hook."""

    def __init__(
        self, repository: Path, objects: GitObjects, base: PushBase, today: date,
        attesters: "Attesters | None",
    ) -> None:  # fmt: skip
        self._attesters = attesters
        self._repository = repository
        self._objects = objects
        self._base = base
        self._today = today
        self._folders = ProjectFolders(objects)
        self._unprotected: set[str] = set()  # commits that were judged for information
        self._known: dict[tuple[str, str, str, str], Judged] = {}

    def judge(self, ref: PushedRef) -> list[Judged]:
        """Judge one ref in every project that its commit or the base has."""
        if not (ref.is_branch or ref.is_tag):
            return [Judged(ref=ref, note="is neither a branch nor a tag")]
        promotion = read_promotion(ref.short) if ref.is_tag else None
        try:
            return self._judge(ref, promotion)
        except AigfError as error:
            return [Judged(ref=ref, protected=True, problem=error)]

    def _judge(self, ref: PushedRef, promotion: Promotion | None) -> list[Judged]:
        bases = self._base.commits(ref)
        if ref.is_deletion:
            return self._deletion(ref, bases)
        commit = self._objects.commit(ref.local_id)
        note = self._note(ref, promotion, commit)
        if note:
            return [Judged(ref=ref, commit=commit or "", note=note)]
        if commit is None:
            raise UndecidedError(
                f"no commit {ref.local_id[:12]}",
                where=str(self._repository),
                expected="all that is pushed",
                hint="a shallow or partial clone lacks objects: `git fetch --unshallow`; "
                "`git fsck` finds damage",
            )
        folders = sorted({f for tree in (*bases, commit) for f in self._folders.of(tree)})
        if not folders:
            return [Judged(ref=ref, commit=commit, note=f"has no {FILE_NAME}: nothing is governed")]
        return [
            judged
            for folder in folders
            for judged in self._judge_project(ref, commit, bases, folder, promotion)
        ]

    def _note(self, ref: PushedRef, promotion: Promotion | None, commit: str | None) -> str:
        """Say why a tag needs no judgement; empty when it does, or when it is a branch."""
        if promotion is not None:
            return f"takes back a promotion of {promotion.model}" if promotion.taken_back else ""
        if ref.is_branch or (commit is None and not self._objects.exists(ref.local_id)):
            return ""
        return "is a tag that promotes no model"

    def _deletion(self, ref: PushedRef, bases: Sequence[str]) -> list[Judged]:
        """Let a ref go, but for a protected branch: pushed anew, it would have no base."""
        folders = {folder for base in bases for folder in self._folders.of(base)}
        rules = (
            rules_of(self._objects, bases, bases[0], folder=folder) for folder in sorted(folders)
        )
        if ref.is_branch and any(_is_protected(ref, rule.settings) for rule in rules):
            raise RefusedError(
                "is protected, and would be deleted",
                where=ref.short,
                expected="a protected branch to stay",
                hint="take it out of `protected:` in aigf.yaml first, and push that",
            )
        return [Judged(ref=ref, note="is deleted")]

    def _judge_project(
        self,
        ref: PushedRef,
        commit: str,
        bases: Sequence[str],
        folder: str,
        promotion: Promotion | None,
    ) -> list[Judged]:
        try:
            rules = rules_of(self._objects, bases, commit, folder=folder)
        except AigfError as error:
            return [Judged(ref=ref, commit=commit, project=folder, protected=True, problem=error)]
        if promotion is not None:
            return [self._promotion(ref, commit, rules, promotion)]
        protected = _is_protected(ref, rules.settings)
        if not protected:
            if len(self._unprotected | {commit}) > _MOST_UNPROTECTED:
                return [Judged(ref=ref, commit=commit, note="is not protected: not judged")]
            self._unprotected.add(commit)
        judged = [self._judge_commit(ref, commit, rules, protected=protected)]
        if protected and rules.settings.judges_all_commits:
            judged += self._earlier(ref, commit, bases, rules)
        return judged

    def _earlier(
        self, ref: PushedRef, tip: str, bases: Sequence[str], rules: BaseRules
    ) -> list[Judged]:
        """Judge what the push brings before its last commit; return what is refused."""
        limit = f"--max-count={_MOST_COMMITS + 1}"
        known = [f"^{base}" for base in bases]
        listed = program.git(self._repository, "rev-list", limit, tip, *known, "--")
        commits = listed.decode().split()
        if len(commits) > _MOST_COMMITS:
            error = UndecidedError(
                f"more than {_MOST_COMMITS} commits",
                where=ref.short,
                expected="fewer in one push (aigf.yaml: push.commits is `all`)",
                hint="push a part of them first: `git push origin COMMIT:BRANCH`",
            )
            return [Judged(ref=ref, commit=tip, protected=True, problem=error)]
        found = [
            self._judge_commit(ref, commit, rules, protected=True)
            for commit in reversed(commits)
            if commit != tip and rules.folder in self._folders.of(commit)
        ]
        return [judged for judged in found if judged.refused]

    def _promotion(
        self, ref: PushedRef, commit: str, rules: BaseRules, promotion: Promotion
    ) -> Judged:
        """Judge the promoted model, which must be attested too; all when no model has its name."""
        from aigf_dvc.gates.attested import attested  # noqa: PLC0415  # few pushes promote

        judged = self._judge_commit(ref, commit, rules, protected=True)
        if judged.problem is not None:
            return judged
        names = {verdict.model for verdict in judged.verdicts}
        if promotion.model in names:
            verdicts = tuple(v for v in judged.verdicts if v.model == promotion.model)
            judged = replace(judged, verdicts=verdicts)
        try:
            pushed = CommitSnapshot(self._objects, commit, prefix=rules.folder)
            models = governed_models(rules.settings, pushed).models
            chosen = {verdict.model for verdict in judged.verdicts}
            found = attested(
                [model for model in models if model.name in chosen],
                pushed,
                rules.policy(),
                environments=(rules.settings.environment, promotion.stage),
                repository=self._repository,
                attesters=self._attesters,
            )
        except AigfError as error:
            return replace(judged, problem=error)
        return replace(
            judged,
            attested=tuple(name for name, why in found if not why),
            unattested=tuple(why for _, why in found if why),
            signers_known=self._attesters is not None,
        )

    def _judge_commit(
        self, ref: PushedRef, commit: str, rules: BaseRules, *, protected: bool
    ) -> Judged:
        key = (commit, rules.folder, rules.commit, "protected" if protected else "")
        if key not in self._known:
            self._known[key] = self._judge_anew(ref, commit, rules, protected=protected)
        return replace(self._known[key], ref=ref)

    def _judge_anew(
        self, ref: PushedRef, commit: str, rules: BaseRules, *, protected: bool
    ) -> Judged:
        change = GovernanceChange()
        verdicts: tuple[Verdict, ...] = ()
        problem: AigfError | None = None
        try:
            pushed = CommitSnapshot(self._objects, commit, prefix=rules.folder)
            policy = rules.policy()
            change = governance_change(rules, policy, pushed)
            verdicts = self._verdicts(pushed, rules.settings, policy, rules.folder)
        except AigfError as error:
            problem = error
        return Judged(
            ref=ref,
            commit=commit,
            project=rules.folder,
            protected=protected,
            base=rules.commit,
            verdicts=verdicts,
            changed_governance=change.files,
            policies=change.policies,
            problem=problem,
        )

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
            governed_models(settings, snapshot),
            policy,
            objects=self._objects,
        )


def _is_protected(ref: PushedRef, settings: Settings) -> bool:
    return any(fnmatchcase(ref.short, pattern) for pattern in settings.protected)
