"""How a commit is judged under the governance files of another: its base.

Whoever changes a commit could else change what it is judged by. The push gate takes the base from
the remote, CI from what it runs for.
"""

import posixpath
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy import read_snapshot_policy
from aigf_dvc.capture.project import load_settings
from aigf_dvc.errors import AigfError
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.model import Policy
from aigf_dvc.settings import FILE_NAME, Settings
from aigf_dvc.trees.commit_snapshot import CommitSnapshot


class BaseRules(Struct, frozen=True, kw_only=True):
    """How one project is judged: the base's settings and policy."""

    commit: str
    folder: str
    governing: CommitSnapshot
    settings: Settings

    def policy(self) -> Policy:
        """Return the base's policy.

        Raises:
            InputError, UndecidedError: it, or a file that it includes, cannot be read.
        """
        return read_snapshot_policy(self.governing, self.settings.policy)


class GovernanceChange(Struct, frozen=True, kw_only=True):
    """What a commit changes of that by which it is judged."""

    files: tuple[str, ...] = ()  # from the top of the repository
    policies: tuple[Policy, Policy] | None = None  # the base's and its own, when they differ


def rules_of(objects: GitObjects, bases: Sequence[str], commit: str, *, folder: str) -> BaseRules:
    """Return how a project is judged: by the first base that has it, else by the commit itself.

    Raises:
        InputError: aigf.yaml cannot be read.
        UndecidedError: a commit cannot be read.
    """
    path = posixpath.join(folder, FILE_NAME)
    having = (base for base in bases if CommitSnapshot(objects, base).is_in_git(path))
    base = next(having, commit)
    governing = CommitSnapshot(objects, base, prefix=folder)
    return BaseRules(
        commit=base, folder=folder, governing=governing, settings=load_settings(governing)
    )


def governance_change(rules: BaseRules, policy: Policy, judged: CommitSnapshot) -> GovernanceChange:
    """Return what a commit has otherwise than its base.

    Args:
        rules: the base's.
        policy: the base's.
        judged: the commit.
    """
    parts = (part.path for part in policy.parts)
    paths = (FILE_NAME, rules.settings.policy, *parts)
    changed = tuple(_changed(rules.governing, judged, paths))
    return GovernanceChange(
        files=tuple(posixpath.join(rules.folder, path) for path in changed),
        policies=_both_policies(policy, judged) if changed else None,
    )


def governed_models(settings: Settings, judged: CommitSnapshot) -> Settings:
    """Return the base's settings, with the models as the commit defines them beside its own.

    A commit can take no model away. One that it defines otherwise is judged by both definitions; by
    the new one alone when no stage makes the old path any more: then it has moved.

    Raises:
        InputError: the commit has no readable aigf.yaml.
        UndecidedError: its pipeline cannot be read.
    """
    known = {model.name: model for model in settings.models}
    new = [model for model in load_settings(judged).models if known.get(model.name) != model]
    again = {model.name for model in new} & known.keys()
    made = read_pipeline(judged).producers() if again else {}
    kept = [model for model in settings.models if model.name not in again or model.path in made]
    return replace(settings, models=(*kept, *new))


def _changed(
    governing: CommitSnapshot, judged: CommitSnapshot, paths: Iterable[str]
) -> Iterable[str]:
    return (path for path in paths if governing.entry(path) != judged.entry(path))


def _both_policies(old: Policy, judged: CommitSnapshot) -> tuple[Policy, Policy] | None:
    """Return the base's policy and the commit's; None: they are one, or it is unreadable."""
    try:
        new = read_snapshot_policy(judged, load_settings(judged).policy)
    except AigfError:
        return None
    same = new.sha256 == old.sha256 and new.parts == old.parts
    return None if same else (old, new)
