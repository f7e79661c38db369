"""Check the models of a commit under the governance files of its base.

So a change cannot switch its own gate off: a pull request, a push, or whatever CI runs for.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.base_rules import (
    GovernanceChange,
    governance_change,
    governed_models,
    rules_of,
)
from aigf_dvc.actions.check import Question, report_snapshot
from aigf_dvc.errors import UndecidedError
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.report.verdict_report import ModelReport
from aigf_dvc.settings import Settings
from aigf_dvc.trees.commit_snapshot import CommitSnapshot


class Between(Struct, frozen=True, kw_only=True):
    """A commit and its base, each by the names under which the clone may have it."""

    bases: tuple[str, ...]  # the first that is there; none: nothing came before
    heads: tuple[str, ...] = ("HEAD",)
    may_be_first: bool = False  # no base is an answer, not a question
    whole_clone: str = "fetch it: `git fetch --unshallow origin`"  # what to do when it is missing


class UnderBase(Struct, frozen=True, kw_only=True):
    """The verdicts on a commit under its base."""

    models: tuple[ModelReport, ...]
    commit: str
    base: str  # the commit itself where nothing came before
    change: GovernanceChange


def report_under_base(question: Question, between: Between) -> UnderBase:
    """Return the verdict on each model of a commit, under what its base says.

    Args:
        question: which models, and at which gate; its revision and policy are not looked at.
        between: the two commits.

    Raises:
        InputError: no such model, or an invalid aigf.yaml or policy.
        UndecidedError: a commit is not in the clone, or cannot be read.
    """
    project = question.project
    with GitObjects(project.repository) as objects:
        commit = _first(objects, between.heads, between)
        is_first = between.may_be_first and not between.bases
        bases = () if is_first else (_first(objects, between.bases, between),)
        rules = rules_of(objects, bases, commit, folder=project.prefix)
        judged = CommitSnapshot(objects, commit, prefix=project.prefix)
        policy = rules.policy()
        settings = _chosen(governed_models(rules.settings, judged), question.models)
        asked = replace(question, models=(), revision=commit)
        return UnderBase(
            models=report_snapshot(asked, judged, settings, policy, objects=objects),
            commit=commit,
            base=rules.commit,
            change=governance_change(rules, policy, judged),
        )


def _first(objects: GitObjects, names: Sequence[str], between: Between) -> str:
    found = next(filter(None, map(objects.commit, names)), None)
    if found is None:
        raise UndecidedError(
            f"no commit {' or '.join(map(repr, names)) or 'to judge by'}",
            where="this clone",
            expected="the commit that is judged, and the base that says how",
            hint=between.whole_clone,
        )
    return found


def _chosen(settings: Settings, names: Sequence[str]) -> Settings:
    """Return the settings with these models alone, each with all its definitions."""
    if not names:
        return settings
    known = {settings.model(name).name for name in names}
    return replace(settings, models=tuple(m for m in settings.models if m.name in known))
