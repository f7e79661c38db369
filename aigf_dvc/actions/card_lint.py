"""Look for everything that is wrong in model cards and governance documents."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.card_templates import templates
from aigf_dvc.capture.policy import snapshot_policy
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.card_lint import Demands, lint_card
from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.evidence.model_card import ModelCard, read_model_card
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.policy.tiers import tier_of, why_not_applicable
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.trees.working_tree import WorkingTree


class LintedCard(Struct, frozen=True, kw_only=True):
    """One card, and all that is wrong in it."""

    path: str
    problems: tuple[CardProblem, ...]


def lint_files(files: Sequence[Path], *, project: Project | None) -> tuple[LintedCard, ...]:
    """Return what is wrong in some files.

    Args:
        files: the cards or documents.
        project: whose policy says which fields and tiers there are; None: the templates alone.

    Raises:
        InputError: a file is not there, or aigf.yaml or the policy is invalid.
    """
    policy = _policy(project) if project is not None else None
    return tuple(_linted(read_file(file), str(file), policy) for file in files)


def lint_project(project: Project) -> tuple[LintedCard, ...]:
    """Return what is wrong in the cards of all models of a project.

    Raises:
        InputError: there is no aigf.yaml, or it or the policy is invalid.
    """
    policy = _policy(project)
    return tuple(
        _missing(path) if data is None else _linted(data, path, policy)
        for path, data in read_cards(project)
    )


def read_cards(project: Project) -> Iterator[tuple[str, bytes | None]]:
    """Yield the path and bytes of each model's card, each card once; None where there is none.

    Raises:
        InputError: there is no aigf.yaml, or it is invalid.
        UndecidedError: something else than a file is there.
    """
    tree = WorkingTree(project.root)
    for path in dict.fromkeys(model.card for model in load_settings(tree).models):
        yield path, tree.read(path)


def _policy(project: Project) -> Policy | None:
    """Return the policy that aigf.yaml names; None where it names none that is there."""
    tree = WorkingTree(project.root)
    if not tree.is_in_git(FILE_NAME):
        return None
    path = load_settings(tree).policy
    data = tree.read(path)
    return snapshot_policy(data, tree, path) if data is not None else None


def _linted(data: bytes, path: str, policy: Policy | None) -> LintedCard:
    demands = Demands(templates=templates())
    if policy is not None:
        fields = _required_fields(policy, data, path)
        demands = Demands(templates=templates(), fields=fields, tiers=policy.tiers)
    return LintedCard(path=path, problems=lint_card(data, path=path, demands=demands))


def _required_fields(policy: Policy, data: bytes, path: str) -> tuple[str, ...]:
    """Return the fields that the policy asks for in a card of this tier."""
    tier, _ = tier_of(policy, _readable(data, path))
    rules = (
        rule.demand.fields
        for rule in policy.rules
        if isinstance(rule.demand, RequiredFields)
        and not why_not_applicable(rule, policy, tier=tier, environment="")
    )
    return tuple(dict.fromkeys(name for fields in rules for name in fields))


def _readable(data: bytes, path: str) -> ModelCard | None:
    try:
        return read_model_card(data, path=path)
    except InputError:  # the lint says so, with the line
        return None


def _missing(path: str) -> LintedCard:
    problem = CardProblem(
        where=path,
        found="there is no card",
        expected="the card that aigf.yaml names",
        remedy=f"`aigf card new --output {path}` writes one to fill in",
    )
    return LintedCard(path=path, problems=(problem,))
