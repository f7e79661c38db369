"""Lint a policy: hold it against itself, and against the project that it is for."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from aigf_dvc import shipped
from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.policy_project import Governed, governed, near
from aigf_dvc.capture.model_evidence import read_metric_files
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.evidence.metrics import find_metric, leaf_metrics
from aigf_dvc.evidence.model_card import ModelCard, read_front_matter, read_model_card
from aigf_dvc.policy.lint.model import Draft, ProjectFacts, Remark, Surroundings, as_draft
from aigf_dvc.policy.lint.run import lint
from aigf_dvc.policy.numbers import as_number
from aigf_dvc.policy.tiers import FIELD as TIER_FIELD

# Fields of the Hub that our template leaves commented out, and our own for the tier.
_KNOWN_FIELDS = (
    "license", "language", "library_name", "pipeline_tag", "base_model", "datasets", "metrics",
    "model_name", TIER_FIELD,
)  # fmt: skip
_CARD = "MODEL_CARD.md"


def lint_policy(
    path: Path | None, *, start: Path, today: date
) -> tuple[Draft, Surroundings, tuple[Remark, ...]]:
    """Return a policy, what it was compared with, and what is probably wrong in it.

    Args:
        path: the policy; None: the one that aigf.yaml names.
        start: the folder from which the project is looked for.
        today: the day in UTC.

    Raises:
        InputError: there is no policy, or it does not load.
    """
    here = governed(start)
    if path is None:
        path = _own_policy(here, start)
    draft = as_draft(folder_policy(read_file(path), path))
    surroundings = Surroundings(
        project=_facts(here) if here is not None else None,
        card_fields=_card_fields(here),
        frameworks=_frameworks(),
    )
    return draft, surroundings, lint(draft, surroundings, today=today)


def _own_policy(here: Governed | None, start: Path) -> Path:
    if here is None:
        raise InputError(
            "no policy",
            where=str(start),
            expected="FILE, or a project whose aigf.yaml names one",
            hint="`aigf policy lint policy.yaml`",
        )
    return near(here.policy)


def _facts(here: Governed) -> ProjectFacts:
    models = here.settings.models
    files = dict(_metric_files(here))
    places = {
        metric.where: as_number(metric.value)
        for file, values in files.items()
        for metric in leaf_metrics(values, path=file).values()
    }
    return ProjectFacts(
        environment=here.settings.environment,
        metrics=tuple(dict.fromkeys(name for model in models for name in model.metrics)),
        places=places,
        documents=tuple(dict.fromkeys(d.type for model in models for d in model.documents)),
        tiers=_tiers(here),
        values=_values(here, files),
    )


def _metric_files(here: Governed) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the metrics files that are there and can be read: `aigf check` refuses the others."""
    sources = (source for model in here.settings.models for source in model.metrics.values())
    for file in dict.fromkeys(source.file for source in sources):
        try:
            yield from read_metric_files(here.snapshot, [file]).items()
        except AigfError:
            continue


def _values(here: Governed, files: Mapping[str, Mapping[str, object]]) -> dict[str, Decimal]:
    found = {}
    for model in here.settings.models:
        for name, source in model.metrics.items():
            metric = find_metric(files.get(source.file, {}), source.key, path=source.file)
            number = as_number(metric.value) if metric is not None else None
            if number is not None:
                found[name] = number
    return found


def _tiers(here: Governed) -> tuple[str, ...]:
    """Return the tier that each card names; none when a card names no tier: it has the highest."""
    cards = list(_cards(here))
    fields = [card.field(TIER_FIELD) for card in cards]
    named = [str(field.value) for field in fields if field is not None]
    return tuple(named) if len(named) == len(here.settings.models) else ()


def _cards(here: Governed) -> Iterator[ModelCard]:
    for model in here.settings.models:
        try:
            data = here.snapshot.read(model.card)
            if data is not None:
                yield read_model_card(data, path=model.card)
        except AigfError:
            continue


def _card_fields(here: Governed | None) -> frozenset[str]:
    template = shipped.text("templates", _CARD).replace("@TAG@", "tag")
    front = read_front_matter(template.encode(), path=_CARD).value
    documents = [front, *(card.document.value for card in (_cards(here) if here else ()))]
    names = {name for document in documents for name in _names(document, "")}
    return frozenset({*_KNOWN_FIELDS, *(name.removeprefix("governance.") for name in names)})


def _names(value: Any, above: str) -> Iterator[str]:  # noqa: ANN401  # whatever a card says
    for key, item in value.items() if isinstance(value, dict) else ():
        name = f"{above}.{key}" if above else str(key)
        yield name
        yield from _names(item, name)


def _frameworks() -> frozenset[str] | None:
    """Return the frameworks of which a catalogue travels with the package, if any does."""
    folder = shipped.folder("policies") / "controls"
    if not folder.is_dir():
        return None
    files = (file.name for file in folder.iterdir())
    return frozenset(name.removesuffix(".yaml") for name in files if name.endswith(".yaml"))
