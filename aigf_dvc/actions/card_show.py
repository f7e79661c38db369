"""Show a card: its fields, its sections, and what is missing."""

from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.card_lint import LintedCard, lint_files, lint_project
from aigf_dvc.actions.card_templates import templates
from aigf_dvc.capture.project import Project
from aigf_dvc.evidence.card_lint import type_of
from aigf_dvc.evidence.model_card import is_markdown, read_model_card
from aigf_dvc.evidence.section_states import section_states
from aigf_dvc.report.card_view import CardView


def show_card(file: Path, *, project: Project | None) -> CardView:
    """Return what there is to see of one card or document.

    Raises:
        InputError: it is not there or cannot be read, or aigf.yaml or the policy is invalid.
    """
    (linted,) = lint_files((file,), project=project)
    return _view(read_file(file), linted)


def show_cards(project: Project) -> tuple[CardView, ...]:
    """Return what there is to see of the card of each model.

    Raises:
        InputError: as `show_card`.
    """
    return tuple(
        _view(read_file(project.root / linted.path), linted) for linted in lint_project(project)
    )


def _view(data: bytes, linted: LintedCard) -> CardView:
    card = read_model_card(data, path=linted.path)
    template = templates().get(type_of(card))
    markdown = is_markdown(linted.path)
    return CardView(
        card=card,
        sections=section_states(data, path=linted.path, template=template) if markdown else (),
        problems=linted.problems,
    )
