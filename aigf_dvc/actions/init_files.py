"""The texts that `aigf init` writes, from the shipped templates."""

import posixpath
from collections.abc import Iterator, Mapping

from msgspec import Struct

from aigf_dvc import shipped
from aigf_dvc.capture.dvc_yaml_edit import yaml_text
from aigf_dvc.capture.find_metrics import FoundMetrics
from aigf_dvc.capture.find_models import FoundModel
from aigf_dvc.digests import Sha256
from aigf_dvc.settings import DocumentSource

SINGLE_CARD = "MODEL_CARD.md"
CARD_FOLDER = "governance/cards"
DOCUMENT_FOLDER = "governance/documents"
DOCUMENT_TYPES = ("risk-assessment", "bias-analysis")

_OPEN = "TODO"


class ModelEntry(Struct, frozen=True, kw_only=True):
    """A model as aigf.yaml will list it."""

    model: FoundModel
    card: str
    metrics: FoundMetrics
    documents: tuple[DocumentSource, ...]


def card_path(name: str, *, count: int) -> str:
    """Return where the card of a model goes: the usual place when there is one model only."""
    return SINGLE_CARD if count == 1 else f"{CARD_FOLDER}/{name}.md"


def settings_file(entries: tuple[ModelEntry, ...]) -> bytes:
    """Return aigf.yaml."""
    models = "\n".join(line for entry in entries for line in _model_lines(entry))
    return filled("aigf.yaml", {"MODELS": models})


def card_file(name: str, path: str) -> bytes:
    """Return a model card to fill in."""
    return filled("MODEL_CARD.md", {"NAME": name, "PATH": path, "TAG": yaml_text(name)})


def document_file(
    kind: str, names: tuple[str, ...], *, data: Mapping[str, Sha256 | None] | None = None
) -> bytes:
    """Return a governance document to fill in, about some models, or about the data behind them."""
    digests = [f"sha256:{digest}" for digest in (data or {}).values() if digest]
    values = {
        "LISTED": ", ".join(map(yaml_text, names)),
        "NAMES": ", ".join(names),
        "DATASETS": ", ".join(map(yaml_text, data or ())) or _OPEN,
        "DIGESTS": ", ".join(digests) or _OPEN,
    }
    return filled(f"{kind}.md", values)


def policy_file() -> bytes:
    """Return the policy to start with."""
    return shipped.text("policies", "baseline.yaml").encode()


def filled(template: str, values: Mapping[str, str]) -> bytes:
    """Return a template with each `@NAME@` replaced; a `$` means something in workflows."""
    text = shipped.text("templates", template)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.encode()


def _model_lines(entry: ModelEntry) -> Iterator[str]:
    yield f"  # `aigf init` found it: {entry.model.why}."
    yield f"  {yaml_text(entry.model.name)}:"
    yield f"    path: {yaml_text(entry.model.path)}"
    yield f"    card: {yaml_text(entry.card)}"
    yield from _metric_lines(entry.metrics)
    yield from _document_lines(entry.documents)


def _metric_lines(metrics: FoundMetrics) -> Iterator[str]:
    sources = metrics.sources
    mark = "" if sources else "# "
    yield '    # Name in the policy: "file:key", with dots for nested keys.'
    yield f"    {mark}metrics:"
    for name, source in sources.items():
        yield f"      {yaml_text(name)}: {_quoted(source.place)}"
    file = metrics.files[0] if metrics.files else "metrics.json"
    if not sources and not metrics.missing:
        yield f"    #   accuracy: {_quoted(f'{file}:accuracy')}"
    for name, near in metrics.missing.items():
        line = f"    #   {yaml_text(name)}: {_quoted(near or f'{file}:{name}')}"
        yield line + (
            "   # the policy asks for it; this one? mind the unit"
            if near
            else "   # the policy asks for it"
        )


def _document_lines(documents: tuple[DocumentSource, ...]) -> Iterator[str]:
    mark = "" if documents else "# "
    yield "    # What a policy can ask for beside the card; each file says its `type:` at its top."
    yield f"    {mark}documents:"
    for document in documents:
        yield f"      - {{type: {yaml_text(document.type)}, path: {yaml_text(document.path)}}}"
    if not documents:
        path = posixpath.join(DOCUMENT_FOLDER, "risk-assessment.md")
        yield f"    #   - {{type: risk-assessment, path: {path}}}"


def _quoted(text: str) -> str:
    plain = yaml_text(text)
    return plain if plain.startswith('"') else f'"{plain}"'
